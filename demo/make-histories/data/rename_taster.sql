alter table raw_roasting.cuppings rename column taster to cupper;
