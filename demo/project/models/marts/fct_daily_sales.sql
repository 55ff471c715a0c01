select
    dates.date_day,
    count(orders.order_id) as order_count,
    coalesce(sum(orders.order_total), 0) as revenue
from {{ ref('dim_dates') }} as dates
left join {{ ref('fct_orders') }} as orders on orders.ordered_on = dates.date_day and orders.order_status <> 'cancelled'
group by dates.date_day
