select
    batches.batch_id,
    batches.lot_id,
    batches.roast_level,
    batches.roasted_at,
    batches.green_kg,
    batches.roasted_kg,
    quality.weight_loss,
    quality.cupping_score
from {{ ref('stg_roasting__batches') }} as batches
inner join {{ ref('int_batch_quality') }} as quality on quality.batch_id = batches.batch_id
