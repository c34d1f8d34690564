{% set levels = ['low', 'central', 'high'] %}
{% set cell = ['month', 'scope', 'population'] %}
{% set measured = [] %}
{% for level in levels -%}
    {% do measured.extend(['cost_usd_' ~ level, 'cost_per_million_usd_' ~ level]) %}
{%- endfor %}

with

cells as (
    select * from {{ ref('int_month_cells') }}
),

-- Each model with a cost, once in each of its four cells.
models as (
    select
        costs.month,
        scopes.scope,
        populations.population,
        costs.is_moe,
        costs.cost_source,
        {% for level in levels -%}
            costs.cost_usd_{{ level }},
            costs.cost_usd_{{ level }} / (costs.parameters / 1e6) as cost_per_million_usd_{{ level }},
        {% endfor -%}
        costs.parameters / 1e6 as million_parameters
    from {{ ref('int_model_costs') }} as costs
    inner join {{ ref('int_scopes') }} as scopes on costs.category = scopes.category
    inner join {{ ref('int_populations') }} as populations
        on costs.population = populations.model_population
),

statistics as (
    select
        month,
        scope,
        population,
        {% for level in levels -%}
            {% set cost = 'cost_usd_' ~ level -%}
            {{ exact_average(cost) }} as mean_cost_usd_{{ level }},
            {{ quantile(cost, 0.5) }} as median_cost_usd_{{ level }},
            exp({{ exact_average('ln(' ~ cost ~ ')') }}) as geometric_mean_cost_usd_{{ level }},
            {{ exact_sum(cost) }} as total_cost_usd_{{ level }},
            {{ exact_sum(cost) }} / {{ exact_sum('million_parameters') }}
                as cost_per_million_usd_{{ level }},
            {{ quantile('cost_per_million_usd_' ~ level, 0.5) }} as median_cost_per_million_usd_{{ level }},
        {% endfor -%}
        count(case when cost_source = 'published' then 1 end) / count(*) as share_published,
        count(case when is_moe then 1 end) / count(*) as share_moe,
        count(*) as models_with_cost
    from {{ with_ranks('models', measured, cell) }} as models
    group by {{ cell | join(', ') }}
),

joined as (
    select
        cells.*,
        {% for level in levels -%}
            statistics.mean_cost_usd_{{ level }},
            statistics.median_cost_usd_{{ level }},
            statistics.geometric_mean_cost_usd_{{ level }},
            statistics.total_cost_usd_{{ level }},
            statistics.cost_per_million_usd_{{ level }},
            statistics.median_cost_per_million_usd_{{ level }},
        {% endfor -%}
        statistics.share_published,
        statistics.share_moe,
        coalesce(statistics.models_with_cost, 0) as models_with_cost,
        coalesce(statistics.models_with_cost, 0) / cells.new_models as coverage
    from cells
    left join statistics
        on
            cells.month = statistics.month
            and cells.scope = statistics.scope
            and cells.population = statistics.population
)

select
    *,
    {{ is_suppressed('models_with_cost', 'coverage') }} as is_suppressed
from joined
