select
    zone,
    count(*) as parcel_count,
    avg(hours_in_transit) as average_hours,
    sum(case when hours_in_transit <= promised_hours then 1 else 0 end) as kept_promises
from {{ ref('fct_deliveries') }}
group by zone
