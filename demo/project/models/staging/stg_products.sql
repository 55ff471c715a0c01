select
    sku,
    product_name,
    roast_level,
    bag_grams,
    {{ cents_to_euros('list_price_cents') }} as list_price,
    launched_on
from {{ ref('product_catalogue') }}
