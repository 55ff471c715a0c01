select channel, count(*) as order_count, sum(order_total) as revenue
from {{ ref('fct_orders') }}
group by channel
