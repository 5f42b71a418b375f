-- The console's sessions, as SHA-256 of what their cookies hold.
create table session (
    sha256 blob primary key,
    account_id integer not null references account (account_id),
    user_id integer references account_user (user_id), -- null: the account itself
    ends integer not null,                      -- however often it is used
    expires integer not null                    -- unless it is used
) strict, without rowid;
create index session_of_account on session (account_id);
create index session_of_user on session (user_id) where user_id is not null;
create index session_by_end on session (expires);
