select event_id, order_id, event, happened_at as happened_at_text
from {{ source('courier', 'parcel_events') }}
