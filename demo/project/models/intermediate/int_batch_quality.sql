select
    batches.batch_id,
    1 - batches.roasted_kg / batches.green_kg as weight_loss,
    avg(cuppings.score) as cupping_score
from {{ ref('stg_roasting__batches') }} as batches
left join {{ ref('stg_roasting__cuppings') }} as cuppings on cuppings.batch_id = batches.batch_id
group by batches.batch_id, batches.roasted_kg, batches.green_kg
