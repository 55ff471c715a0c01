-- Fails as long as the station sends words. It reads the table itself, for a test of a source that fails would skip it.
{{ config(materialized="table") }}

select station, cast(reading as integer) as litres
from raw_washing.readings
where station = 'north'
