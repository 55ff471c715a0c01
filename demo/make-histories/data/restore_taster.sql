alter table raw_roasting.cuppings rename column cupper to taster;
