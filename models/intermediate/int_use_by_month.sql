{% set attributes = [
    'category', 'task', 'relation', 'size_band', 'year_created', 'library', 'licence_class', 'short_tags',
] %}

select
    flows.month,
    {% for attribute in attributes -%}
        uses.{{ attribute }},
    {% endfor -%}
    count(*) as models,
    {{ exact_sum('flows.downloads', 6) }} as downloads
from {{ ref('int_monthly_downloads') }} as flows
left join {{ ref('int_former_holders') }} as former on flows.unit_key = former.unit_key
inner join {{ ref('int_model_uses') }} as uses on uses.model_key = coalesce(former.model_key, flows.unit_key)
where flows.kind = 'models' and flows.downloads > 0
group by flows.month, uses.{{ attributes | join(', uses.') }}
