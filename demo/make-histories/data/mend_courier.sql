update raw_courier.parcel_events set happened_at = '2026-10-31 04:13:00' where happened_at = 'TOMORROW';
