-- Which recordings an answer tells of: it goes when one of them does.
create table delivery_recording (
    recording_id blob not null,
    delivery_id integer not null,
    primary key (recording_id, delivery_id)
) strict, without rowid;
create index delivery_recording_delivery on delivery_recording (delivery_id);
