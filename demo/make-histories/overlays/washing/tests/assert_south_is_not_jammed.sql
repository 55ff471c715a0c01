select station from {{ source('washing', 'readings') }} where station = 'south' and reading = 'JAMMED'
