-- A view: it is as large as the flows.
{{ config(materialized='view') }}

-- Until the month in which another key continued it a repository counts by the older key, then by the newer one.
select
    flows.kind,
    flows.month,
    coalesce(older.unit_key, flows.repository_key) as unit_key,
    flows.downloads,
    flows.clipped_downloads,
    flows.downloads_from_30_day_count
from {{ ref('int_repository_flows') }} as flows
left join {{ ref('int_repository_keys') }} as older
    on
        flows.kind = older.kind
        and flows.repository_key = older.repository_key
where
    older.repository_key is null
    or {{ date_difference('month', 'flows.month', 'older.succeeded_on') }} > 0
