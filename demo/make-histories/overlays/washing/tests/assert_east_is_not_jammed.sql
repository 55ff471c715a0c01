select station from {{ source('washing', 'readings') }} where station = 'east' and reading = 'JAMMED'
