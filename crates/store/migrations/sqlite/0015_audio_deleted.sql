-- When the audio was deleted of a recording that keeps its transcript; its size is 0 from then on.
alter table recording add column audio_deleted integer;
