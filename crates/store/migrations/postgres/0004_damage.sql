-- What a scrub or `verify` has found to be wrong with a recording's bytes: missing, size, hash.
-- Null: nothing, as far as is known.
alter table recording add column damage text;
create index recording_damage on recording (damage) where damage is not null;
