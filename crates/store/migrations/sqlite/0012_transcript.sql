-- What was said on recordings. No reference to the recording, whose row goes first.
create table transcript (
    transcript_id blob primary key,             -- a random UUID
    recording_id blob not null unique,
    status text not null,                       -- in_progress, success, failed
    error text,                                 -- why it failed
    hint text,                                  -- the language that whoever asked said it is in
    language text,                              -- the one it is in
    speakers text,                              -- how it is known who spoke: channel, estimated, unknown
    words text,                                 -- JSON
    rate integer not null,                      -- of a minute, in billionths of a dollar, as the next
    cost integer not null,                      -- 0 until it is a success
    created integer not null,
    finished integer
) strict;
create index transcript_unfinished on transcript (status) where status = 'in_progress';

-- What was said in one go by one speaker: what is searched.
create table transcript_turn (
    turn_id integer primary key autoincrement,
    recording_id blob not null,
    position integer not null,                  -- 0, 1, 2, …
    speaker integer not null,
    channel integer not null,
    start_ms integer not null,
    end_ms integer not null,
    confidence integer not null,                -- that it was this speaker, in millionths
    text text not null,
    terms text not null                         -- its words as they are searched for, spaces between
) strict;
create unique index transcript_turn_recording on transcript_turn (recording_id, position);

create virtual table turn_index using fts5 (
    terms, content = 'transcript_turn', content_rowid = 'turn_id',
    tokenize = 'unicode61 remove_diacritics 0'
);
-- What is deleted is taken out of the index at once, not when segments are merged.
insert into turn_index (turn_index, rank) values ('secure-delete', 1);
create trigger transcript_turn_is_added after insert on transcript_turn begin
    insert into turn_index (rowid, terms) values (new.turn_id, new.terms);
end;
create trigger transcript_turn_is_deleted after delete on transcript_turn begin
    insert into turn_index (turn_index, rowid, terms) values ('delete', old.turn_id, old.terms);
end;

-- Where else the end of a transcript is told, once.
create table transcript_callback (
    recording_id blob not null,
    account_id integer not null,                -- who asked
    dialect text not null,
    url text not null,
    method text not null,
    connect_timeout integer not null,
    read_timeout integer not null,
    total_timeout integer not null,
    retries integer not null,
    retry_on integer not null,
    told integer not null,
    primary key (recording_id, account_id, url)
) strict, without rowid;

-- Whether what is delivered has words of the transcript: then it goes with that.
alter table delivery_recording add column words integer not null default 0;
