-- What is told of an account's recordings and settings, in order and never changed. Each entry's
-- hash goes over the one before it: see docs/retention.md.
create table audit (
    root_id bigint not null,
    entry bigint not null,                     -- 1, 2, 3, … without a gap
    at bigint not null,
    who text not null,
    source text,                                -- the address that a request came from
    action text not null,
    subject text,                               -- what it was done to
    detail text not null,                       -- a JSON object
    hash bytea not null,
    primary key (root_id, entry)
);
create index audit_subject on audit (root_id, subject, entry) where subject is not null;
create function audit_is_not_changed() returns trigger language plpgsql as
    $$ begin raise exception 'the audit log is not changed'; end $$;
create trigger audit_is_not_changed before update or delete on audit
    for each row execute function audit_is_not_changed();

-- Where each account's log ends.
create table audit_head (
    root_id bigint primary key references account (account_id),
    entries bigint not null,
    hash bytea not null
);
insert into audit_head (root_id, entries, hash)
    select account_id, 0, decode(repeat('00', 32), 'hex') from account where parent_id is null;

-- Legal holds: of one recording, or of all that a query finds, also later.
create table hold (
    hold_id bigint generated always as identity (start with 1) primary key,
    root_id bigint not null references account (account_id),
    recording_id bytea,                         -- which may be under several
    selection text,                             -- JSON, where it is by query
    reason text not null,
    created bigint not null,
    created_by text not null
);
create index hold_root on hold (root_id, hold_id);
create index hold_recording on hold (recording_id) where recording_id is not null;

-- What is deleted by itself, and when.
create table retention_policy (
    policy_id bigint generated always as identity (start with 1) primary key,
    root_id bigint not null references account (account_id),
    name text not null,
    selection text not null,                    -- JSON
    schedule text not null,                     -- five fields of cron
    time_zone text not null,
    action text not null,
    pending bigint not null,                   -- how long a new or changed one waits
    active_from bigint not null,               -- when it has waited
    paused bigint not null,
    next_run bigint,                           -- null while it is paused
    created bigint not null,
    changed bigint not null
);
create index retention_policy_root on retention_policy (root_id, policy_id);

-- What was deleted at once, and what is being.
create table retention_run (
    run_id bigint generated always as identity (start with 1) primary key,
    root_id bigint not null references account (account_id),
    account_id bigint not null references account (account_id),   -- a subaccount that asked, or the main account
    user_id bigint,                             -- a plain user that asked
    policy_id bigint,                          -- null: asked for by hand
    slot bigint,                               -- what the schedule said; null: not by the schedule
    started_by text not null,
    policy text not null,                       -- JSON: what was to be done, as it was then
    status text not null,                       -- running, stopped, done
    as_of bigint not null,                     -- ages are counted from here
    last_number bigint not null,               -- recordings that came later are not concerned
    place bigint not null,                     -- the last recording that was looked at
    would_delete bigint,                       -- null until it is counted
    deleted bigint not null,
    held bigint not null,
    failed bigint not null,
    bytes bigint not null,                     -- of the deleted ones, as the next
    duration bigint not null,
    started bigint not null,
    ended bigint,
    unique (policy_id, slot)
);
create index retention_run_root on retention_run (root_id, run_id);
create index retention_run_running on retention_run (run_id) where status = 'running';

-- What became of each recording of a run; stays when the recording is gone.
create table retention_receipt (
    run_id bigint not null,
    position bigint not null,                  -- 1, 2, 3, …
    recording_id bytea not null,
    number bigint,                             -- these are null where there was no such recording
    sha256 bytea,
    start bigint,
    add_time bigint,
    received bigint,
    duration bigint,
    size_bytes bigint,
    outcome text not null,                      -- deleted, held, failed
    reason text,
    at bigint not null,
    primary key (run_id, position)
);
