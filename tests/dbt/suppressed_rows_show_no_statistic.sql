-- A suppressed row has no statistic, and every other row has all of them.
{% set levels = ['low', 'central', 'high'] %}
{% set statistics = {
    'average_model_parameters': [
        'mean_parameters', 'median_parameters', 'geometric_mean_parameters', 'geometric_mean_ci_low',
        'geometric_mean_ci_high', 'winsorised_mean_parameters', 'p10_parameters', 'p25_parameters',
        'p75_parameters', 'p90_parameters', 'total_parameters',
    ],
    'average_training_costs': ['share_published', 'share_moe'],
    'training_cost_per_million_parameters': [],
} %}
{% for level in levels %}
    {% for statistic in ['mean', 'median', 'geometric_mean', 'total'] %}
        {% do statistics['average_training_costs'].append(statistic ~ '_cost_usd_' ~ level) %}
    {% endfor %}
    {% for statistic in ['cost', 'median_cost'] %}
        {% do statistics['training_cost_per_million_parameters'].append(statistic ~ '_per_million_usd_' ~ level) %}
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
            {{ columns | length }} as statistics_known
        from {{ ref(mart) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from rows_and_statistics
where statistics_shown <> case when is_suppressed then 0 else statistics_known end
