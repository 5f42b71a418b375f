-- The console's list: all of an account's recordings by their start, of whatever kind.
create index recording_root_start on recording (root_id, start, number);
create index recording_subaccount_start on recording (account_id, start, number)
    where account_id <> root_id;
-- By length and by size likewise: without them a million rows are sorted for twenty.
create index recording_root_duration on recording (root_id, duration, number);
create index recording_root_size on recording (root_id, size_bytes, number);
