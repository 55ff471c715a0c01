-- The roasting machine now reports the highest temperature, and weights to the gram.
alter table raw_roasting.roast_batches add column peak_celsius integer;
alter table raw_roasting.roast_batches alter column green_kg type numeric(10, 3);
