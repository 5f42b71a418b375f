-- Who cancelled a run that waited to be confirmed.
alter table retention_run add column cancelled_by text;
