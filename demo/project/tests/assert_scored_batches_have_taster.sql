-- Reads the source itself: the taster's name is not carried into the models.
select batches.batch_id
from {{ ref('fct_roast_batches') }} as batches
inner join {{ source('roasting', 'cuppings') }} as cuppings on cuppings.batch_id = batches.batch_id
where cuppings.taster is null
