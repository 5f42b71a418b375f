-- What is made of a recording is no longer one file for each container: parts of it, single
-- channels, peaks, and the denoised variant, which is kept for as long as the recording.
alter table rendition rename column container to form;
alter table rendition add column kept integer not null default 0;
drop index rendition_made;
create index rendition_made on rendition (made) where state = 'ready' and kept = 0;
