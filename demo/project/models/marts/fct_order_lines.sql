select line_id, order_id, sku, quantity, unit_price, discount, line_total
from {{ ref('int_order_lines_priced') }}
