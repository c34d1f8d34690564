-- A suppressed row has no statistic. Every other row has those that need no more models than the row has.
{% set levels = ['low', 'central', 'high'] %}
{% set statistics = {
    'average_model_parameters': [
        'mean_parameters', 'median_parameters', 'geometric_mean_parameters', 'winsorised_mean_parameters',
        'p10_parameters', 'p25_parameters', 'p75_parameters', 'p90_parameters', 'share_repeated_size',
        'is_low_reliability',
    ],
    'average_training_costs': ['share_published', 'share_moe', 'share_repeated_size', 'is_low_reliability'],
    'training_cost_per_million_parameters': ['is_low_reliability'],
} %}
{% set conditional_statistics = {
    'average_model_parameters': [
        'median_parameters_ci_low', 'median_parameters_ci_high', 'geometric_mean_ci_low', 'geometric_mean_ci_high',
        'median_parameters_first_of_size', 'mean_parameters_first_of_size',
    ],
    'average_training_costs': ['median_cost_usd_central_ci_low', 'median_cost_usd_central_ci_high'],
    'training_cost_per_million_parameters': [],
} %}
{% for level in levels %}
    {% do statistics['average_training_costs'].append('median_cost_usd_' ~ level) %}
    {% do statistics['training_cost_per_million_parameters'].append('median_cost_per_million_usd_' ~ level) %}
    {% for statistic in ['mean_cost', 'geometric_mean_cost', 'median_cost_first_of_size', 'total_cost_first_of_size'] %}
        {% do conditional_statistics['average_training_costs'].append(statistic ~ '_usd_' ~ level) %}
    {% endfor %}
    {% for statistic in ['cost_per_million', 'cost_per_million_first_of_size'] %}
        {% do conditional_statistics['training_cost_per_million_parameters'].append(statistic ~ '_usd_' ~ level) %}
    {% endfor %}
{% endfor %}

with

rows_and_statistics as (
    {% for mart, columns in statistics.items() %}
        select
            '{{ mart }}' as mart,
            month,
            scope,
            population,
            is_suppressed,
            {% for column in columns %}
                case when {{ column }} is null then 0 else 1 end{{ ' +' if not loop.last }}
            {% endfor %} as statistics_shown,
            {% for column in conditional_statistics[mart] %}
                case when {{ column }} is null then 0 else 1 end{{ ' +' if not loop.last }}
            {% endfor %} as conditional_statistics_shown,
            {{ columns | length }} as statistics_known
        from {{ ref(mart) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from rows_and_statistics
where
    statistics_shown <> case when is_suppressed then 0 else statistics_known end
    or (is_suppressed and conditional_statistics_shown > 0)
