-- Bearer tokens, as SHA-256 of their texts.
create table token (
    sha256 bytea primary key,
    kind text not null,                         -- access, refresh
    family bytea not null,                       -- the first refresh token of its line
    user_id bigint not null references account_user (user_id),
    used bigint not null,                      -- a refresh token works once
    expires bigint not null
);
create index token_family on token (family);
create index token_user on token (user_id);
create index token_expires on token (expires);

-- How a caller's name is compared: in lower case.
alter table recording add column cnam_key text;
update recording set cnam_key = lower(cnam) where cnam is not null;
create index recording_cnam on recording (root_id, cnam_key, start) where cnam_key is not null;
-- Lists that go by the start of the call: the company's, and a user's.
create index recording_start on recording (root_id, kind, start, number);
create index recording_user on recording (user_id, start, number) where user_id is not null;
