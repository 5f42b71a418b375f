-- Each kind of work is claimed by itself, the oldest first.
drop index job_ready;
create index job_ready on job (kind, run_at) where state = 'ready';
