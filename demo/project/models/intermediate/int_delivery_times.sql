{{ config(materialized="table") }}

with events as (

    select order_id, event, cast(happened_at_text as timestamp) as happened_at
    from {{ ref('stg_courier__parcel_events') }}

)

select
    handed_over.order_id,
    handed_over.happened_at as handed_over_at,
    delivered.happened_at as delivered_at,
    {{ hours_between('handed_over.happened_at', 'delivered.happened_at') }} as hours_in_transit
from events as handed_over
left join events as delivered on delivered.order_id = handed_over.order_id and delivered.event = 'delivered'
where handed_over.event = 'handed_over'
