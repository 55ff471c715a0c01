select
    orders.order_id,
    orders.customer_id,
    orders.channel,
    orders.order_status,
    orders.placed_at,
    cast(orders.placed_at as date) as ordered_on,
    orders.subscription_id is not null as is_subscription,
    totals.bag_count,
    totals.order_total,
    coalesce(paid.paid_amount, 0) as paid_amount
from {{ ref('stg_shop__orders') }} as orders
inner join {{ ref('int_orders_totalled') }} as totals on totals.order_id = orders.order_id
left join {{ ref('int_orders_paid') }} as paid on paid.order_id = orders.order_id
