select cast(date '2026-10-01' + n * interval '1 day' as date) as date_day
from generate_series(0, 91) as days(n)
