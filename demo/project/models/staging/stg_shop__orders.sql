select
    order_id,
    customer_id,
    subscription_id,
    status as order_status,
    channel,
    placed_at
from {{ source('shop', 'orders') }}
