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
    cells.is_complete_month,
    cells.models_with_cost,
    {% for statistic in ['cost', 'median_cost'] -%}
        {% for level in levels -%}
            {% set column = statistic ~ '_per_million_usd_' ~ level -%}
            cast(case when not cells.is_suppressed then cells.{{ column }} end as {{ type_double() }})
                as {{ column }},
        {% endfor -%}
    {% endfor -%}
    {% for level in levels -%}
        cast({{ constant_recipe_flop }} / 1e21 * prices.usd_per_1e21_flop_{{ level }} as {{ type_double() }})
            as constant_recipe_usd_{{ level }},
    {% endfor -%}
    cells.is_extrapolated,
    cells.is_suppressed,
    cells.snapshot_date,
    {{ method_version() }} as method_version
from cells
inner join prices on cells.month = prices.month
