select
    payments.payment_id,
    payments.order_id,
    payments.payment_method,
    payments.amount,
    paid.paid_amount as paid_for_order,
    payments.paid_at
from {{ ref('stg_shop__payments') }} as payments
inner join {{ ref('int_orders_paid') }} as paid on paid.order_id = payments.order_id
