{% set orders = {
    'average_model_parameters': [
        ['p10_parameters', 'p25_parameters', 'median_parameters', 'p75_parameters', 'p90_parameters'],
        ['geometric_mean_ci_low', 'geometric_mean_parameters', 'geometric_mean_ci_high'],
        ['geometric_mean_parameters', 'mean_parameters'],
        ['median_parameters_ci_low', 'median_parameters_ci_high'],
    ],
    'average_training_costs': [
        ['median_cost_usd_central_ci_low', 'median_cost_usd_central_ci_high'],
    ],
    'training_cost_per_million_parameters': [],
} %}
{% for mart, columns in {
    'average_training_costs': [
        'mean_cost_usd', 'median_cost_usd', 'geometric_mean_cost_usd', 'median_cost_first_of_size_usd',
        'total_cost_first_of_size_usd',
    ],
    'training_cost_per_million_parameters': [
        'cost_per_million_usd', 'cost_per_million_first_of_size_usd', 'median_cost_per_million_usd',
        'constant_recipe_usd',
    ],
}.items() %}
    {% for column in columns %}
        {% do orders[mart].append([column ~ '_low', column ~ '_central', column ~ '_high']) %}
    {% endfor %}
{% endfor %}

with

pairs as (
    {% for mart, chains in orders.items() %}
        {% for chain in chains %}
            {% for column in chain[:-1] %}
                select
                    '{{ mart }}: {{ column }} <= {{ chain[loop.index] }}' as what,
                    month,
                    scope,
                    population,
                    {{ column }} as smaller,
                    {{ chain[loop.index] }} as larger
                from {{ ref(mart) }}
                {{ 'union all' if not loop.last }}
            {% endfor %}
            {{ 'union all' if not loop.last }}
        {% endfor %}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from pairs
-- Equal values may differ in the last digit.
where smaller > larger * (1 + 1e-12)
