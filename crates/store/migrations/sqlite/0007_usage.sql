-- The minutes that are billed, beside the exact durations.
alter table recording_hour add column minutes integer not null default 0;
update recording_hour set minutes = coalesce((
    select sum(case when r.duration < 30000000 then 1 else (r.duration + 30000000) / 60000000 end)
    from recording r
    where (r.root_id = recording_hour.account_id or r.account_id = recording_hour.account_id)
        and r.add_time >= recording_hour.hour * 3600000000
        and r.add_time < (recording_hour.hour + 1) * 3600000000
), 0) where recordings > 0;

-- What was deleted, by the day it was added and the month it was deleted in: so that a month's use
-- stays known. What is added at midnight sharp counts for the day before.
create table recording_gone (
    account_id integer not null,
    added_day integer not null,                 -- (add_time less a microsecond) in whole days
    deleted_month integer not null,             -- 12 times the year, and the month from 0
    slot integer not null,                      -- as in recording_hour
    recordings integer not null,
    bytes integer not null,
    duration integer not null,
    minutes integer not null,
    primary key (account_id, added_day, deleted_month, slot)
) strict, without rowid;
