alter table raw_roasting.cuppings rename column loaded_on to _loaded_at;
