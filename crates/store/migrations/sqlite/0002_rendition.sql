-- What a recording was converted to: one row for each container, there before the object and gone
-- after it, so that whatever a crash leaves is found by its row. No reference to the recording,
-- whose row goes first.
create table rendition (
    recording_id blob not null,
    container text not null,                    -- wav, mp3
    state text not null,                        -- making, ready, erasing
    lease_until integer not null,               -- whoever makes or erases it is heard of until then
    lease_token integer not null,               -- fencing: grows with every claim
    size_bytes integer,                         -- these three when it is ready
    sha256 blob,
    made integer,
    primary key (recording_id, container)
) strict, without rowid;
create index rendition_made on rendition (made) where state = 'ready';
create index rendition_lease on rendition (lease_until) where state <> 'ready';
