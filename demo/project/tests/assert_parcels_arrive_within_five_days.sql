{{ config(severity="warn", warn_if=">0", error_if=">50", tags=["courier"]) }}

select order_id, hours_in_transit
from {{ ref('int_delivery_times') }}
where hours_in_transit > 120
