-- The courier sent a word where a time belongs.
update raw_courier.parcel_events set happened_at = 'TOMORROW' where order_id = 15 and event = 'handed_over';
