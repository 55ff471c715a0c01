select
    subscription_id,
    plan,
    status as subscription_status,
    dbt_valid_from as changed_at,
    dbt_valid_to is null as is_current
from {{ ref('subscriptions_snapshot') }}
