-- A repository's downloads are in int_monthly_downloads.
with

flows as (
    select
        flows.kind,
        flows.month,
        flows.downloads,
        repositories.unit_number,
        repositories.publisher_number
    from {{ ref('int_monthly_downloads') }} as flows
    inner join {{ ref('int_repositories') }} as repositories
        on
            flows.kind = repositories.kind
            and flows.unit_key = repositories.unit_key
    where flows.downloads > 0
)

{% for kind in ['models', 'datasets'] -%}
    select
        '{{ kind }}' as kind,
        month,
        'publisher' as unit,
        publisher_number as unit_number,
        {{ exact_sum('downloads', 6) }} as downloads
    from flows
    where kind = '{{ kind }}'
    group by month, publisher_number
    union all
{% endfor -%}
select
    'models' as kind,
    flows.month,
    'family' as unit,
    families.root_number as unit_number,
    {{ exact_sum('flows.downloads * families.fraction', 9) }} as downloads
from flows
inner join {{ ref('int_unit_families') }} as families on flows.unit_number = families.unit_number
where flows.kind = 'models'
group by flows.month, families.root_number
