select
    'The snapshot of ' || kind || ' for ' || cast(snapshot_date as {{ dbt.type_string() }})
    || ' looked truncated and was loaded with --force.' as reason
from {{ ref('int_snapshots') }}
where is_newest and is_forced
