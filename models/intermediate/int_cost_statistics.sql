{% set levels = ['low', 'central', 'high'] %}
{% set measured = [] %}
{% for level in levels -%}
    {% do measured.extend(['cost_usd_' ~ level, 'first_cost_usd_' ~ level, 'cost_per_million_usd_' ~ level]) %}
{%- endfor %}

with

cells as (
    select * from {{ ref('int_month_cells') }}
),

-- Each counted model, once in each of its four cells. What is drawn to a bound of its fit enters medians alone.
models as (
    select
        cells.cell_id,
        costs.publisher_key,
        costs.is_moe,
        costs.cost_source,
        costs.is_inside_support,
        costs.is_active_unknown,
        costs.is_repeated_size,
        {% for level in levels -%}
            costs.cost_usd_{{ level }},
            costs.cost_usd_{{ level }} / (costs.parameters / 1e6) as cost_per_million_usd_{{ level }},
            case when not costs.is_repeated_size then costs.cost_usd_{{ level }} end as first_cost_usd_{{ level }},
        {% endfor -%}
        costs.parameters / 1e6 as million_parameters
    from {{ ref('int_model_costs') }} as costs
    inner join {{ ref('int_scopes') }} as scopes on costs.category = scopes.category
    inner join {{ ref('int_populations') }} as populations
        on costs.population = populations.model_population
    inner join cells
        on
            costs.month = cells.month
            and scopes.scope = cells.scope
            and populations.population = cells.population
),

intervals as (
    {{ clustered_intervals('models', 'cost_usd_central') }}
),

statistics as (
    select
        cell_id,
        {% for level in levels -%}
            {% set cost = 'cost_usd_' ~ level -%}
            {% set cost_inside = 'case when is_inside_support then ' ~ cost ~ ' end' -%}
            {% set cost_first = 'case when is_inside_support and not is_repeated_size then ' ~ cost ~ ' end' -%}
            {{ exact_average(cost_inside) }} as mean_cost_usd_{{ level }},
            {{ quantile(cost, 0.5) }} as median_cost_usd_{{ level }},
            exp({{ exact_average('ln(' ~ cost_inside ~ ')') }}) as geometric_mean_cost_usd_{{ level }},
            {{ quantile('first_cost_usd_' ~ level, 0.5) }}
                as median_cost_first_of_size_usd_{{ level }},
            {{ exact_sum(cost_first) }} as total_cost_first_of_size_usd_{{ level }},
            {{ exact_sum(cost_inside) }} / {{ exact_sum('case when is_inside_support then million_parameters end') }}
                as cost_per_million_usd_{{ level }},
            {{ exact_sum(cost_first) }}
            / {{ exact_sum('case when is_inside_support and not is_repeated_size then million_parameters end') }}
                as cost_per_million_first_of_size_usd_{{ level }},
            {{ quantile('cost_per_million_usd_' ~ level, 0.5) }} as median_cost_per_million_usd_{{ level }},
        {% endfor -%}
        count(case when is_moe then 1 end) / count(*) as share_moe,
        count(case when cost_source = 'published' then 1 end) as models_published,
        count(case when is_inside_support then 1 end) as models_inside_support,
        count(case when is_inside_support and not is_repeated_size then 1 end) as models_inside_first_of_size,
        count(case when is_active_unknown then 1 end) as models_active_unknown,
        count(case when cost_source is not null and not is_repeated_size then 1 end) as models_first_of_size,
        count(cost_source) as models_with_cost,
        count(*) as models_with_parameters
    from {{ with_ranks('models', measured, ['cell_id']) }} as models
    group by cell_id
),

joined as (
    select
        cells.*,
        {% for level in levels -%}
            {% for statistic in [
                'mean_cost_usd', 'median_cost_usd', 'geometric_mean_cost_usd', 'median_cost_first_of_size_usd',
                'total_cost_first_of_size_usd', 'cost_per_million_usd', 'cost_per_million_first_of_size_usd',
                'median_cost_per_million_usd',
            ] -%}
                statistics.{{ statistic }}_{{ level }},
            {% endfor -%}
        {% endfor -%}
        intervals.median_ci_low as median_cost_usd_central_ci_low,
        intervals.median_ci_high as median_cost_usd_central_ci_high,
        statistics.share_moe,
        statistics.models_published / nullif(statistics.models_with_cost, 0) as share_published,
        {% for count in [
            'models_inside_support', 'models_inside_first_of_size', 'models_active_unknown', 'models_first_of_size',
            'models_with_cost', 'models_with_parameters',
        ] -%}
            coalesce(statistics.{{ count }}, 0) as {{ count }},
        {% endfor -%}
        coalesce(intervals.publishers, 0) as publishers,
        coalesce(statistics.models_with_cost, 0) / cells.new_models as coverage
    from cells
    left join statistics on cells.cell_id = statistics.cell_id
    left join intervals on cells.cell_id = intervals.cell_id
),

judged as (
    select
        *,
        {{ suppression_reason('models_with_cost', 'models_with_parameters / new_models') }} as suppression_reason,
        {{ is_low_reliability(
            'publishers', 'median_cost_usd_central_ci_low', 'median_cost_usd_central_ci_high', 'population',
            'models_first_of_size'
        ) }} as is_unreliable
    from joined
)

select
    *,
    models_with_cost - models_inside_support as models_outside_support,
    (models_with_cost - models_first_of_size) / nullif(models_with_cost, 0) as share_repeated_size,
    suppression_reason is not null as is_suppressed,
    case when suppression_reason is null then coalesce(is_unreliable, false) end as is_low_reliability
from judged
