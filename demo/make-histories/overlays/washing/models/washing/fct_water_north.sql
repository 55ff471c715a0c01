select station, litres from {{ ref('stg_washing__north') }}
