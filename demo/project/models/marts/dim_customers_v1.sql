select customer_id, full_name as customer_name, email, postcode
from {{ ref('stg_shop__customers') }}
