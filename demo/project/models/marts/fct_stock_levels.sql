select lot_id, sum(kg) as kg_left
from {{ ref('int_stock_movements') }}
group by lot_id
