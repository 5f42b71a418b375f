-- What is told of an account's recordings and settings, in order and never changed. Each entry's
-- hash goes over the one before it: see docs/retention.md.
create table audit (
    root_id integer not null,
    entry integer not null,                     -- 1, 2, 3, … without a gap
    at integer not null,
    who text not null,
    source text,                                -- the address that a request came from
    action text not null,
    subject text,                               -- what it was done to
    detail text not null,                       -- a JSON object
    hash blob not null,
    primary key (root_id, entry)
) strict, without rowid;
create index audit_subject on audit (root_id, subject, entry) where subject is not null;
create trigger audit_is_not_changed before update on audit
    begin select raise(abort, 'the audit log is not changed'); end;
create trigger audit_is_not_deleted before delete on audit
    begin select raise(abort, 'the audit log is not deleted'); end;

-- Where each account's log ends.
create table audit_head (
    root_id integer primary key references account (account_id),
    entries integer not null,
    hash blob not null
) strict;
insert into audit_head (root_id, entries, hash)
    select account_id, 0, zeroblob(32) from account where parent_id is null;

-- Legal holds: of one recording, or of all that a query finds, also later.
create table hold (
    hold_id integer primary key autoincrement,
    root_id integer not null references account (account_id),
    recording_id blob,                          -- which may be under several
    selection text,                             -- JSON, where it is by query
    reason text not null,
    created integer not null,
    created_by text not null
) strict;
create index hold_root on hold (root_id, hold_id);
create index hold_recording on hold (recording_id) where recording_id is not null;

-- What is deleted by itself, and when.
create table retention_policy (
    policy_id integer primary key autoincrement,
    root_id integer not null references account (account_id),
    name text not null,
    selection text not null,                    -- JSON
    schedule text not null,                     -- five fields of cron
    time_zone text not null,
    action text not null,
    pending integer not null,                   -- how long a new or changed one waits
    active_from integer not null,               -- when it has waited
    paused integer not null,
    next_run integer,                           -- null while it is paused
    created integer not null,
    changed integer not null
) strict;
create index retention_policy_root on retention_policy (root_id, policy_id);

-- What was deleted at once, and what is being.
create table retention_run (
    run_id integer primary key autoincrement,
    root_id integer not null references account (account_id),
    account_id integer not null references account (account_id),   -- a subaccount that asked, or the main account
    user_id integer,                            -- a plain user that asked
    policy_id integer,                          -- null: asked for by hand
    slot integer,                               -- what the schedule said; null: not by the schedule
    started_by text not null,
    policy text not null,                       -- JSON: what was to be done, as it was then
    status text not null,                       -- running, stopped, done
    as_of integer not null,                     -- ages are counted from here
    last_number integer not null,               -- recordings that came later are not concerned
    place integer not null,                     -- the last recording that was looked at
    would_delete integer,                       -- null until it is counted
    deleted integer not null,
    held integer not null,
    failed integer not null,
    bytes integer not null,                     -- of the deleted ones, as the next
    duration integer not null,
    started integer not null,
    ended integer,
    unique (policy_id, slot)
) strict;
create index retention_run_root on retention_run (root_id, run_id);
create index retention_run_running on retention_run (run_id) where status = 'running';

-- What became of each recording of a run; stays when the recording is gone.
create table retention_receipt (
    run_id integer not null,
    position integer not null,                  -- 1, 2, 3, …
    recording_id blob not null,
    number integer,                             -- these are null where there was no such recording
    sha256 blob,
    start integer,
    add_time integer,
    received integer,
    duration integer,
    size_bytes integer,
    outcome text not null,                      -- deleted, held, failed
    reason text,
    at integer not null,
    primary key (run_id, position)
) strict, without rowid;
