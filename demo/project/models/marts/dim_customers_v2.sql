select
    customers.customer_id,
    customers.full_name,
    customers.email,
    customers.postcode_prefix,
    customers.signed_up_at,
    orders.first_order_at,
    orders.last_order_at,
    coalesce(orders.order_count, 0) as order_count
from {{ ref('stg_shop__customers') }} as customers
left join {{ ref('int_customer_orders') }} as orders on orders.customer_id = customers.customer_id
