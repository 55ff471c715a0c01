insert into raw_courier.parcel_events
select $n * 24 + k, $n * 12 + k, 'handed_over', '$day 04:' || (10 + k) || ':00', timestamp '$loaded_at'
from generate_series(1, 12) as rows_of_day(k)
where k % 3 <> 2;

insert into raw_courier.parcel_events
select
    $n * 24 + 12 + k, $n * 12 + k, 'delivered',
    cast(timestamp '$day 04:00:00' + interval '1 hour' * (k * 4) as varchar), timestamp '$loaded_at'
from generate_series(1, 12) as rows_of_day(k)
where k % 3 = 0;
