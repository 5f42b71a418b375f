-- Where a policy copies recordings before it deletes them, and where each copy is.
alter table retention_policy add column archive_to text;    -- a name of the operator's
alter table retention_receipt add column archived_to text;
