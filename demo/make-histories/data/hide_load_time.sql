-- The export of the cupping table forgot the column that freshness reads.
alter table raw_roasting.cuppings rename column _loaded_at to loaded_on;
