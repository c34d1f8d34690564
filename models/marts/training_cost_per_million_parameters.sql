with

cells as (
    select * from {{ ref('int_cost_statistics') }}
),

prices as (
    select * from {{ ref('int_compute_prices') }}
)

{% set levels = ['low', 'central', 'high'] -%}
{# Of a million parameters of a model of a billion, trained on 20 tokens a parameter. #}
{% set constant_recipe_flop = '6 * 20 * 1e9 * 1e6' -%}

select
    cells.month,
    cells.scope,
    cells.scope_name,
    cells.population,
    cells.is_relation_reliable,
    cells.is_headline,
    cells.is_complete_month,
    cast(cells.models_with_cost as int64) as models_with_cost,
    {% for level in levels -%}
        {{ shown('cells.cost_per_million_usd_' ~ level, 'cells.models_inside_support') }}
            as cost_per_million_usd_{{ level }},
    {% endfor -%}
    {% for level in levels -%}
        {{ shown('cells.cost_per_million_first_of_size_usd_' ~ level, 'cells.models_inside_first_of_size') }}
            as cost_per_million_first_of_size_usd_{{ level }},
    {% endfor -%}
    {% for level in levels -%}
        {{ shown('cells.median_cost_per_million_usd_' ~ level) }} as median_cost_per_million_usd_{{ level }},
    {% endfor -%}
    {% for level in levels -%}
        cast({{ constant_recipe_flop }} / 1e21 * prices.usd_per_1e21_flop_{{ level }} as {{ type_double() }})
            as constant_recipe_usd_{{ level }},
    {% endfor -%}
    cells.is_extrapolated,
    cells.is_suppressed,
    cells.suppression_reason,
    cells.is_low_reliability,
    {{ observation_status('cells.is_complete_month', 'cells.is_suppressed', 'cells.is_low_reliability', 'E') }}
        as observation_status,
    cells.snapshot_date,
    {{ method_version() }} as method_version
from cells
inner join prices on cells.month = prices.month
