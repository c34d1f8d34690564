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
union all
-- A model of several families counts in each by its fraction.
select
    flows.kind,
    flows.month,
    'family' as unit,
    coalesce(families.root_key, flows.unit_key) as unit_key,
    {{ exact_sum('flows.downloads * coalesce(families.fraction, 1.0)', 9) }} as downloads
from flows
left join {{ ref('int_former_holders') }} as former on flows.unit_key = former.unit_key
left join {{ ref('int_model_families') }} as families
    on families.model_key = coalesce(former.model_key, flows.unit_key)
where flows.kind = 'models'
group by flows.kind, flows.month, coalesce(families.root_key, flows.unit_key)
