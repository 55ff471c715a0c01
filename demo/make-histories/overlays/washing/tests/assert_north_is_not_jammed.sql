select station from {{ source('washing', 'readings') }} where station = 'north' and reading = 'JAMMED'
