-- Exports: a zip of recordings for somebody to fetch. The zip itself is kept nowhere: it is put
-- together of the originals whenever it is read, so that it never outlives what is in it.
create table export (
    export_id bytea primary key,                 -- a random UUID
    root_id bigint not null references account (account_id),
    user_id bigint not null references account_user (user_id),   -- whom it is for
    kind text not null,                         -- company, on_demand, recordings_transcriptions
    filter text not null,                       -- JSON
    state text not null,                        -- pending, in_progress, complete, failed, expired
    revision bigint not null,                  -- grows when a recording of it is deleted
    files_total bigint not null,
    files_completed bigint not null,
    size_bytes bigint,                         -- these four when it is complete
    sha256 bytea,                                -- of all but the audio, whose hashes that has in it
    plan text,                                  -- JSON: what the zip's making needs to know before
    valid_until bigint,
    created bigint not null
);
create index export_user on export (user_id, created, export_id);
create index export_state on export (state, valid_until);
create index export_created on export (created);

-- The recordings of an export, as they were when it began.
create table export_file (
    export_id bytea not null,
    number bigint not null,                    -- of the recording, which may be gone
    recording_id bytea not null,
    state text not null,                        -- waiting, ready, gone, failed
    crc32 bigint,                              -- when it is ready
    reason text,                                -- why it failed
    primary key (export_id, number)
);
create index export_file_recording on export_file (recording_id);

-- Which calls a company records, as its phone system is told. The numbers are never used twice.
create table recording_rule (
    rule_id bigint generated always as identity (start with 1) primary key,
    account_id bigint not null references account (account_id),
    name text not null,
    percentage bigint not null,
    directions text not null,                   -- none means all
    extensions text not null,                   -- likewise
    enabled bigint not null,
    created bigint not null
);
create index recording_rule_account on recording_rule (account_id, rule_id);
