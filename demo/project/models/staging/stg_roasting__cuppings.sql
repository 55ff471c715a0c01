select cupping_id, batch_id, score, cupped_at
from {{ source('roasting', 'cuppings') }}
