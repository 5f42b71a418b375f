-- What was said on recordings. No reference to the recording, whose row goes first.
create table transcript (
    transcript_id bytea primary key,            -- a random UUID
    recording_id bytea not null unique,
    status text not null,                       -- in_progress, success, failed
    error text,                                 -- why it failed
    hint text,                                  -- the language that whoever asked said it is in
    language text,                              -- the one it is in
    speakers text,                              -- how it is known who spoke: channel, estimated, unknown
    words text,                                 -- JSON
    rate bigint not null,                       -- of a minute, in billionths of a dollar, as the next
    cost bigint not null,                       -- 0 until it is a success
    created bigint not null,
    finished bigint
);
create index transcript_unfinished on transcript (status) where status = 'in_progress';

-- What was said in one go by one speaker: what is searched.
create table transcript_turn (
    turn_id bigint generated always as identity primary key,
    recording_id bytea not null,
    position bigint not null,                   -- 0, 1, 2, …
    speaker bigint not null,
    channel bigint not null,
    start_ms bigint not null,
    end_ms bigint not null,
    confidence bigint not null,                 -- that it was this speaker, in millionths
    text text not null,
    terms text not null                         -- its words as they are searched for, spaces between
);
create unique index transcript_turn_recording on transcript_turn (recording_id, position);

-- Whoever asks this must write the same expression.
create index turn_index on transcript_turn using gin (to_tsvector('simple', terms));
-- Statistics would be copies of what was said.
alter table transcript alter column words set statistics 0;
alter table transcript_turn alter column text set statistics 0;
alter table transcript_turn alter column terms set statistics 0;
alter index turn_index alter column 1 set statistics 0;

-- Where else the end of a transcript is told, once.
create table transcript_callback (
    recording_id bytea not null,
    account_id bigint not null,                 -- who asked
    dialect text not null,
    url text not null,
    method text not null,
    connect_timeout bigint not null,
    read_timeout bigint not null,
    total_timeout bigint not null,
    retries bigint not null,
    retry_on bigint not null,
    told bigint not null,
    primary key (recording_id, account_id, url)
);

-- Whether what is delivered has words of the transcript: then it goes with that.
alter table delivery_recording add column words bigint not null default 0;
