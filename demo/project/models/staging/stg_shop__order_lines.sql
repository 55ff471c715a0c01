select
    line_id,
    order_id,
    sku,
    quantity,
    {{ cents_to_euros('unit_price_cents') }} as unit_price,
    {{ cents_to_euros('discount_cents') }} as discount
from {{ source('shop', 'order_lines') }}
