select order_id, customer_id, placed_at, bag_count, order_total
from {{ ref('fct_orders') }}
where bag_count >= 4
