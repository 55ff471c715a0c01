select
    customer_id,
    min(placed_at) as first_order_at,
    max(placed_at) as last_order_at,
    count(*) as order_count
from {{ ref('stg_shop__orders') }}
where order_status <> 'cancelled'
group by customer_id
