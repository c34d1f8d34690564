with

cells as (
    select * from {{ ref('int_cost_statistics') }}
)

{% set levels = ['low', 'central', 'high'] -%}

select
    month,
    scope,
    scope_name,
    population,
    is_relation_reliable,
    is_complete_month,
    new_models,
    models_with_cost,
    cast(coverage as {{ type_double() }}) as coverage,
    {% for statistic in ['mean', 'median', 'geometric_mean', 'total'] -%}
        {% for level in levels -%}
            {% set column = statistic ~ '_cost_usd_' ~ level -%}
            cast(case when not is_suppressed then {{ column }} end as {{ type_double() }}) as {{ column }},
        {% endfor -%}
    {% endfor -%}
    {% for column in ['share_published', 'share_moe'] -%}
        cast(case when not is_suppressed then {{ column }} end as {{ type_double() }}) as {{ column }},
    {% endfor -%}
    is_extrapolated,
    is_suppressed,
    snapshot_date,
    {{ method_version() }} as method_version
from cells
