-- The scope all = the sum of the eight categories, in every count.
{% set counts = {
    'average_model_parameters': ['new_models', 'models_with_parameters'],
    'average_training_costs': ['new_models', 'models_with_cost'],
    'training_cost_per_million_parameters': ['models_with_cost'],
} %}

with

counts as (
    {% for mart, columns in counts.items() %}
        {% for column in columns %}
            select
                '{{ mart }}.{{ column }}' as what,
                month,
                scope,
                population,
                {{ column }} as models
            from {{ ref(mart) }} as mart
            {{ 'union all' if not loop.last }}
        {% endfor %}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    what,
    month,
    population
from counts
group by what, month, population
having sum(case scope when 'all' then models else -models end) <> 0
