select lot_id, received_on as moved_on, weight_kg as kg
from {{ ref('stg_roasting__green_lots') }}
union all
select lot_id, cast(roasted_at as date) as moved_on, -green_kg as kg
from {{ ref('stg_roasting__batches') }}
