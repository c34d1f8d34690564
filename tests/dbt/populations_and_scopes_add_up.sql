-- In every count of models, all = no_known_parent + derived, and the scope all = the sum of the eight categories.
{% set counts = {
    'average_model_parameters': ['new_models', 'models_with_parameters'],
    'average_training_costs': ['new_models', 'models_with_cost'],
    'training_cost_per_million_parameters': ['models_with_cost'],
    'new_models': ['new_models', 'listed_models', 'removed_models', 'cumulative_models'],
} %}

with

counts as (
    {% for mart, columns in counts.items() %}
        {% for column in columns %}
            select
                '{{ mart }}.{{ column }}' as what,
                month,
                {{ 'scope' if mart != 'new_models' else "cast(null as string)" }} as scope,
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
    scope as of_which
from counts
group by what, month, scope
having sum(case population when 'all' then models else -models end) <> 0
union all
select
    what,
    month,
    population as of_which
from counts
where scope is not null
group by what, month, population
having sum(case scope when 'all' then models else -models end) <> 0
