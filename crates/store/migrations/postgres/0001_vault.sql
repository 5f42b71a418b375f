-- Times are microseconds since 1970 in UTC, durations microseconds, booleans 0 or 1.
-- Lists are JSON arrays of text. The numbers that one dialect shows start at six digits.

create table account (
    account_id bigint generated always as identity (start with 549825) primary key,
    auth_id text not null unique,
    name text not null,
    parent_id bigint references account (account_id),
    auth_token bytea not null,              -- sealed under the server's key
    old_auth_token bytea,                   -- the one before the last rotation
    old_auth_token_until bigint,
    client_id text unique,                 -- the Vonage half; subaccounts have none
    client_secret bytea,                    -- SHA-256
    media_auth bigint not null,
    noise_cancellation bigint not null,
    retention_pending bigint not null,
    retention_max_share_ppm bigint not null,
    minimum_retention bigint not null,
    created bigint not null
);
create index account_parent on account (parent_id) where parent_id is not null;

-- The people of an account. (`user` is a reserved word in PostgreSQL.)
create table account_user (
    user_id bigint generated always as identity (start with 745249) primary key,
    account_id bigint not null references account (account_id),
    username text not null unique,
    password text not null,                -- argon2id, PHC form
    administrator bigint not null,
    extensions text not null,
    created bigint not null
);
create index account_user_account on account_user (account_id);

create table recording (
    number bigint generated always as identity (start with 193228) primary key,   -- Vonage's id: never used twice
    recording_id bytea not null unique,          -- Plivo's id: a random UUID
    account_id bigint not null references account (account_id),
    root_id bigint not null references account (account_id),
    call_uuid text not null,
    from_number text,
    to_number text,
    direction text,
    conference_name text,
    conference_uuid text,
    mpc_name text,
    mpc_uuid text,
    kind text not null,
    user_id bigint references account_user (user_id),
    extensions text not null,
    cnam text,
    rule_ids text not null,
    start bigint not null,
    add_time bigint not null,
    received bigint not null,
    format text not null,
    codec text not null,
    channels bigint not null,
    sample_rate bigint not null,
    frames bigint not null,
    duration bigint not null,
    truncated bigint not null,
    wav_data_offset bigint,                    -- set where a WAV's header lies about its sizes
    wav_data_bytes bigint,
    size_bytes bigint not null,
    sha256 bytea not null
);
-- The list of a main account, and of one subaccount.
create index recording_root on recording (root_id, add_time, number);
create index recording_subaccount on recording (account_id, add_time, number)
    where account_id <> root_id;
create index recording_call on recording (root_id, call_uuid);
create index recording_from on recording (root_id, from_number, add_time);
create index recording_to on recording (root_id, to_number, add_time);
create index recording_conference_name on recording (root_id, conference_name, add_time)
    where conference_name is not null;
create index recording_conference_uuid on recording (root_id, conference_uuid)
    where conference_uuid is not null;
create index recording_mpc_name on recording (root_id, mpc_name, add_time)
    where mpc_name is not null;
create index recording_mpc_uuid on recording (root_id, mpc_uuid) where mpc_uuid is not null;

-- How many recordings were added in each hour, of a main account (with its subaccounts) and of
-- each subaccount. Exact counts and deep offsets come from here.
create table recording_hour (
    account_id bigint not null,
    hour bigint not null,                      -- add_time in whole hours since 1970
    slot bigint not null,                      -- spreads the writers of one hour over eight rows
    recordings bigint not null,
    bytes bigint not null,
    duration bigint not null,
    primary key (account_id, hour, slot)
);

-- What an Idempotency-Key has kept, for a day.
create table idempotency (
    account_id bigint not null,
    idempotency_key text not null,
    sha256 bytea not null,
    recording_id bytea not null,
    created bigint not null,
    primary key (account_id, idempotency_key)
);
create index idempotency_created on idempotency (created);

-- Work to be done. A finished job is gone; one that was given up stays, as `dead`.
create table job (
    job_id bigint generated always as identity (start with 1) primary key,
    kind text not null,
    payload text not null,
    state text not null,                        -- ready, running, dead
    run_at bigint not null,
    attempts bigint not null,
    lease_until bigint,
    lease_token bigint not null,               -- fencing: grows with every claim
    uniq text,                                  -- at most one live job of this name
    last_error text,
    created bigint not null
);
create index job_ready on job (run_at) where state = 'ready';
create index job_running on job (lease_until) where state = 'running';
create unique index job_uniq on job (uniq) where uniq is not null and state <> 'dead';

-- A known text, sealed under the server's key when the vault was made: another key is noticed at
-- the start, and not at the first login.
create table key_check (
    sealed bytea not null
);
