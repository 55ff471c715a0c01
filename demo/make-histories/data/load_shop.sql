-- One morning's load from the shop: $day is the day, $n counts days from the first load.
insert into raw_shop.customers
select
    $n * 4 + k, 'Customer ' || ($n * 4 + k), 'Customer' || ($n * 4 + k) || '@mail.example',
    cast((k % 4 + 1) * 10000 + $n * 7 + k as varchar),
    timestamp '$day 04:00:00' - interval '1 hour' * k, timestamp '$loaded_at'
from generate_series(1, 4) as rows_of_day(k);

insert into raw_shop.orders
select
    $n * 12 + k, ($n * 12 + k) % ($n * 4 + 4) + 1, case when k % 3 = 0 then k % 4 + 1 end,
    case when k % 12 = 5 then 'cancelled' when k % 3 = 0 then 'delivered' when k % 3 = 1 then 'shipped' else 'placed' end,
    case when k % 2 = 0 then 'web' else 'counter' end,
    timestamp '$day 05:00:00' - interval '1 hour' * k, timestamp '$loaded_at'
from generate_series(1, 12) as rows_of_day(k);

insert into raw_shop.order_items_v2
select
    ($n * 12 + k) * 2 + line, $n * 12 + k, 'BEAN-0' || (($n * 12 + k * 5 + line) % 6 + 1), (k + line) % 3 + 1,
    900 + line * 250, case when k % 5 = 0 then 100 else 0 end, timestamp '$loaded_at'
from generate_series(1, 12) as rows_of_day(k)
cross join generate_series(0, 1) as lines_of_order(line);

insert into raw_shop.payments
select
    max(line_id), order_id, case when order_id % 2 = 0 then 'card' else 'transfer' end,
    sum(quantity * unit_price_cents - discount_cents), timestamp '$day 05:10:00', timestamp '$loaded_at'
from raw_shop.order_items_v2
where order_id between $n * 12 + 1 and $n * 12 + 12
group by order_id;

insert into raw_shop.subscriptions
values ($n + 1, $n + 1, 'two bags a month', 'active', 1990, '$day', null, '$day 04:30:00', '$loaded_at');
