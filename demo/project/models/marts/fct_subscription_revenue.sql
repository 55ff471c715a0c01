select
    customers.customer_id,
    customers.customer_name,
    count(subscriptions.subscription_id) as subscription_count,
    sum(subscriptions.monthly_price) as monthly_revenue
from {{ ref('stg_shop__subscriptions') }} as subscriptions
inner join {{ ref('dim_customers', v=1) }} as customers on customers.customer_id = subscriptions.customer_id
where subscriptions.subscription_status = 'active'
group by customers.customer_id, customers.customer_name
