-- Runs and exports go through an account by number, batch by batch: without these each sorts it all.
create index recording_root_number on recording (root_id, number);
create index recording_subaccount_number on recording (account_id, number)
    where account_id <> root_id;
-- An account's jobs of one state: those that were given up are few among many that wait.
create index job_of_state on job (root_id, state, job_id) where root_id is not null;
