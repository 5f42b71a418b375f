-- An export may be an account's own, and of what was chosen; its zip may have transcripts.
alter table export add column account_id bigint references account (account_id);
update export set account_id = root_id;         -- who asked: that, or a subaccount
alter table export alter column account_id set not null;
alter table export alter column user_id drop not null;
alter table export_file add column words text;  -- JSON: what of its transcript is in the zip

-- Whose work a job is, none where it is the vault's; and the recording that it is of, if it is one.
alter table job add column root_id bigint;
alter table job add column recording_id bytea;
alter table job add column reason text;         -- why it failed, as its account may know
create index job_of on job (root_id, job_id) where root_id is not null;
