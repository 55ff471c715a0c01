select
    customer_id,
    full_name,
    lower(email) as email,
    postcode,
    substr(postcode, 1, 2) as postcode_prefix,
    signed_up_at
from {{ source('shop', 'customers') }}
