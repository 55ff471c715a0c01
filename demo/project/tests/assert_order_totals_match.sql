{{ config(tags=["finance"], meta={"runbook": "Compare the order with its lines in the shop's back office."}) }}

-- An order is worth the sum of its lines.
select orders.order_id, orders.order_total, sum(lines.line_total) as sum_of_lines
from {{ ref('fct_orders') }} as orders
inner join {{ ref('fct_order_lines') }} as lines on lines.order_id = orders.order_id
group by orders.order_id, orders.order_total
having abs(orders.order_total - sum(lines.line_total)) > 0.005
