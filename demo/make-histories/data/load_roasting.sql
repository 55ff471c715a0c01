insert into raw_roasting.roast_batches (batch_id, lot_id, roast_level, green_kg, roasted_kg, roasted_at, _loaded_at)
select
    $n * 3 + k, k + 1, case k when 1 then 'light' when 2 then 'medium' else 'dark' end, 30, 30 - 3.5 - k * 0.4,
    timestamp '$day 03:00:00' - interval '1 hour' * k, timestamp '$loaded_at'
from generate_series(1, 3) as rows_of_day(k);

insert into raw_roasting.cuppings (cupping_id, batch_id, score, cupped_at, _loaded_at)
select $n * 3 + k, $n * 3 + k, 82 + k * 1.25, timestamp '$day 04:00:00', timestamp '$loaded_at'
from generate_series(1, 3) as rows_of_day(k);
