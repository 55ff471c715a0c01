select
    cast(sku as varchar) as sku,
    cast(product_name as varchar) as product_name,
    cast(roast_level as varchar) as roast_level,
    cast(bag_grams as integer) as bag_grams,
    cast(list_price as numeric(12, 2)) as list_price
from {{ ref('stg_products') }}
