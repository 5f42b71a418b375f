-- The console's sessions, as SHA-256 of what their cookies hold.
create table session (
    sha256 bytea primary key,
    account_id bigint not null references account (account_id),
    user_id bigint references account_user (user_id), -- null: the account itself
    ends bigint not null,                      -- however often it is used
    expires bigint not null                    -- unless it is used
);
create index session_of_account on session (account_id);
create index session_of_user on session (user_id) where user_id is not null;
create index session_by_end on session (expires);
