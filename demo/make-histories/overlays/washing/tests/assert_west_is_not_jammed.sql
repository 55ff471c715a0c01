select station from {{ source('washing', 'readings') }} where station = 'west' and reading = 'JAMMED'
