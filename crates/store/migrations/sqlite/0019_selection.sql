-- An export may be an account's own, and of what was chosen; its zip may have transcripts.
create table wider_export (
    export_id blob primary key,                 -- a random UUID
    root_id integer not null references account (account_id),
    user_id integer references account_user (user_id),            -- whom it is for, if not for the account
    kind text not null,                         -- company, on_demand, recordings_transcriptions, selection
    filter text not null,                       -- JSON
    state text not null,                        -- pending, in_progress, complete, failed, expired
    revision integer not null,                  -- grows when something in it is deleted
    files_total integer not null,
    files_completed integer not null,
    size_bytes integer,                         -- these four when it is complete
    sha256 blob,                                -- of all but the audio, whose hashes that has in it
    plan text,                                  -- JSON: what the zip's making needs to know before
    valid_until integer,
    created integer not null,
    account_id integer not null references account (account_id)   -- who asked: root_id, or a subaccount
) strict, without rowid;
insert into wider_export select export_id, root_id, user_id, kind, filter, state, revision,
    files_total, files_completed, size_bytes, sha256, plan, valid_until, created,
    root_id from export;
drop table export;
alter table wider_export rename to export;
create index export_user on export (user_id, created, export_id);
create index export_state on export (state, valid_until);
create index export_created on export (created);
alter table export_file add column words text;  -- JSON: what of its transcript is in the zip

-- Whose work a job is, none where it is the vault's; and the recording that it is of, if it is one.
alter table job add column root_id integer;
alter table job add column recording_id blob;
alter table job add column reason text;         -- why it failed, as its account may know
create index job_of on job (root_id, job_id) where root_id is not null;
