-- When a user was removed, whom recordings and exports still name. The login is free again then.
alter table account_user add column removed bigint;
