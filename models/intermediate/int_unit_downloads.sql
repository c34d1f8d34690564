with

flows as (
    select
        kind,
        month,
        unit_key,
        downloads
    from {{ ref('int_monthly_downloads') }}
    where downloads > 0
)

select
    flows.kind,
    flows.month,
    'publisher' as unit,
    coalesce(repositories.publisher_key, '/' || flows.unit_key) as unit_key,
    {{ exact_sum('flows.downloads', 6) }} as downloads
from flows
left join {{ ref('int_repositories') }} as repositories
    on
        flows.kind = repositories.kind
        and flows.unit_key = repositories.unit_key
group by flows.kind, flows.month, coalesce(repositories.publisher_key, '/' || flows.unit_key)
