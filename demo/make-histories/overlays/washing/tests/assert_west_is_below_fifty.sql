-- Cannot be executed as long as the station sends words.
select station from {{ source('washing', 'readings') }} where station = 'west' and cast(reading as integer) > 50
