select
    order_id,
    sum(amount) as paid_amount,
    min(paid_at) as first_paid_at
from {{ ref('stg_shop__payments') }}
group by order_id
