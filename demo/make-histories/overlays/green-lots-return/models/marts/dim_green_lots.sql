select lot_id, origin_country, farm, process, weight_kg, price_per_kg, received_on
from {{ ref('stg_roasting__green_lots') }}
