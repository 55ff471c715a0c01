-- Three parcels that spent a week on the road.
update raw_courier.parcel_events set happened_at = '$day 03:00:00' where event = 'delivered' and order_id in (3, 6, 9);
