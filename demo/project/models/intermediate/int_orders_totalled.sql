select
    order_id,
    count(*) as line_count,
    sum(quantity) as bag_count,
    sum(line_total) as order_total
from {{ ref('int_order_lines_priced') }}
group by order_id
