select
    flows.month,
    uses.use_number,
    count(*) as models,
    {{ exact_sum('flows.downloads', 6) }} as downloads
from {{ ref('int_monthly_downloads') }} as flows
inner join {{ ref('int_repositories') }} as repositories
    on
        flows.kind = repositories.kind
        and flows.unit_key = repositories.unit_key
inner join {{ ref('int_model_uses') }} as uses on repositories.unit_number = uses.unit_number
where flows.kind = 'models' and flows.downloads > 0
group by flows.month, uses.use_number
