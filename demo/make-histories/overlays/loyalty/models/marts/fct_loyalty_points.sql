select customer_id, order_count * 10 as points
from {{ ref('dim_customers') }}
