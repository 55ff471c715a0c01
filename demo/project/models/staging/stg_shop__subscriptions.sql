select
    subscription_id,
    customer_id,
    plan,
    status as subscription_status,
    {{ cents_to_euros('price_cents') }} as monthly_price,
    started_on,
    ended_on
from {{ source('shop', 'subscriptions') }}
