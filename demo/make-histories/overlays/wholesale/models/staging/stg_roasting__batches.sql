select batch_id, lot_id, roast_level, green_kg, roasted_kg, peak_celsius, roasted_at
from {{ source('roasting', 'roast_batches') }}
