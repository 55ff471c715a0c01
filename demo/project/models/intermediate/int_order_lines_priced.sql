{{ config(materialized="ephemeral") }}

select
    lines.line_id,
    lines.order_id,
    lines.sku,
    lines.quantity,
    lines.unit_price,
    lines.discount,
    lines.quantity * lines.unit_price - lines.discount as line_total
from {{ ref('stg_shop__order_lines') }} as lines
