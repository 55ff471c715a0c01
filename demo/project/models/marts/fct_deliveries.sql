{{ config(materialized="incremental", unique_key="order_id") }}

select
    times.order_id,
    customers.postcode_prefix,
    zones.zone,
    zones.promised_hours,
    times.handed_over_at,
    times.delivered_at,
    times.hours_in_transit
from {{ ref('int_delivery_times') }} as times
inner join {{ ref('stg_shop__orders') }} as orders on orders.order_id = times.order_id
left join {{ ref('stg_shop__customers') }} as customers on customers.customer_id = orders.customer_id
left join {{ ref('postcode_zones') }} as zones on zones.postcode_prefix = customers.postcode_prefix

{% if is_incremental() %}
where times.handed_over_at > (select max(handed_over_at) from {{ this }})
{% endif %}
