-- Exports: a zip of recordings for somebody to fetch. The zip itself is kept nowhere: it is put
-- together of the originals whenever it is read, so that it never outlives what is in it.
create table export (
    export_id blob primary key,                 -- a random UUID
    root_id integer not null references account (account_id),
    user_id integer not null references account_user (user_id),   -- whom it is for
    kind text not null,                         -- company, on_demand, recordings_transcriptions
    filter text not null,                       -- JSON
    state text not null,                        -- pending, in_progress, complete, failed, expired
    revision integer not null,                  -- grows when a recording of it is deleted
    files_total integer not null,
    files_completed integer not null,
    size_bytes integer,                         -- these four when it is complete
    sha256 blob,                                -- of all but the audio, whose hashes that has in it
    plan text,                                  -- JSON: what the zip's making needs to know before
    valid_until integer,
    created integer not null
) strict, without rowid;
create index export_user on export (user_id, created, export_id);
create index export_state on export (state, valid_until);
create index export_created on export (created);

-- The recordings of an export, as they were when it began.
create table export_file (
    export_id blob not null,
    number integer not null,                    -- of the recording, which may be gone
    recording_id blob not null,
    state text not null,                        -- waiting, ready, gone, failed
    crc32 integer,                              -- when it is ready
    reason text,                                -- why it failed
    primary key (export_id, number)
) strict, without rowid;
create index export_file_recording on export_file (recording_id);

-- Which calls a company records, as its phone system is told. The numbers are never used twice.
create table recording_rule (
    rule_id integer primary key autoincrement,
    account_id integer not null references account (account_id),
    name text not null,
    percentage integer not null,
    directions text not null,                   -- none means all
    extensions text not null,                   -- likewise
    enabled integer not null,
    created integer not null
) strict;
create index recording_rule_account on recording_rule (account_id, rule_id);
