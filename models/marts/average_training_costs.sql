with

cells as (
    select * from {{ ref('int_cost_statistics') }}
),

deflators as (
    select * from {{ ref('int_deflators') }}
)

{% set levels = ['low', 'central', 'high'] -%}

select
    cells.month,
    cells.scope,
    cells.scope_name,
    cells.population,
    cells.is_relation_reliable,
    cells.is_headline,
    cells.is_complete_month,
    cells.new_models,
    cast(cells.models_with_cost as int64) as models_with_cost,
    cast(cells.coverage as {{ type_double() }}) as coverage,
    cast(cells.models_outside_support as int64) as models_outside_support,
    cast(cells.models_active_unknown as int64) as models_active_unknown,
    cast(cells.publishers as int64) as publishers,
    {{ shown('cells.share_repeated_size') }} as share_repeated_size,
    {% for level in levels -%}
        {{ shown('cells.mean_cost_usd_' ~ level, 'cells.models_inside_support') }} as mean_cost_usd_{{ level }},
    {% endfor -%}
    {% for level in levels -%}
        {{ shown('cells.median_cost_usd_' ~ level) }} as median_cost_usd_{{ level }},
    {% endfor -%}
    {% for bound in ['low', 'high'] -%}
        {{ shown('cells.median_cost_usd_central_ci_' ~ bound) }} as median_cost_usd_central_ci_{{ bound }},
    {% endfor -%}
    {% for level in levels -%}
        {{ shown('cells.geometric_mean_cost_usd_' ~ level, 'cells.models_inside_support') }}
            as geometric_mean_cost_usd_{{ level }},
    {% endfor -%}
    cast(cells.models_first_of_size as int64) as models_first_of_size,
    {% for level in levels -%}
        {{ shown('cells.median_cost_first_of_size_usd_' ~ level, 'cells.models_first_of_size') }}
            as median_cost_first_of_size_usd_{{ level }},
    {% endfor -%}
    {% for level in levels -%}
        {{ shown('cells.total_cost_first_of_size_usd_' ~ level, 'cells.models_inside_first_of_size') }}
            as total_cost_first_of_size_usd_{{ level }},
    {% endfor -%}
    cast(deflators.usd_2023_per_usd as {{ type_double() }}) as usd_2023_per_usd,
    {{ shown('cells.share_published') }} as share_published,
    {{ shown('cells.share_moe') }} as share_moe,
    cells.is_extrapolated,
    cells.is_suppressed,
    cells.suppression_reason,
    cells.is_low_reliability,
    {{ observation_status('cells.is_complete_month', 'cells.is_suppressed', 'cells.is_low_reliability', 'E') }}
        as observation_status,
    cells.snapshot_date,
    {{ method_version() }} as method_version
from cells
inner join deflators on cells.month = deflators.month
