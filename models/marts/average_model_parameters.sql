with

cells as (
    select * from {{ ref('int_parameter_statistics') }}
)

{% set statistics = {
    'share_repeated_size': '(models_with_parameters - models_first_of_size) / models_with_parameters',
    'mean_parameters': 'mean_parameters',
    'median_parameters': 'p50_parameters',
    'median_parameters_ci_low': 'median_ci_low',
    'median_parameters_ci_high': 'median_ci_high',
    'geometric_mean_parameters': 'geometric_mean_parameters',
    'geometric_mean_ci_low': 'geometric_mean_ci_low',
    'geometric_mean_ci_high': 'geometric_mean_ci_high',
    'winsorised_mean_parameters': 'winsorised_mean_parameters',
    'p10_parameters': 'p10_parameters',
    'p25_parameters': 'p25_parameters',
    'p75_parameters': 'p75_parameters',
    'p90_parameters': 'p90_parameters',
} -%}

select
    month,
    scope,
    scope_name,
    population,
    is_relation_reliable,
    is_headline,
    is_complete_month,
    new_models,
    cast(models_with_parameters as int64) as models_with_parameters,
    cast(coverage as {{ type_double() }}) as coverage,
    cast(publishers as int64) as publishers,
    {% for column, statistic in statistics.items() -%}
        cast(case when not is_suppressed then {{ statistic }} end as {{ type_double() }}) as {{ column }},
    {% endfor -%}
    cast(models_first_of_size as int64) as models_first_of_size,
    {% for column in ['median_parameters_first_of_size', 'mean_parameters_first_of_size'] -%}
        cast(
            case
                when not is_suppressed and models_first_of_size >= {{ var('min_values') }} then {{ column }}
            end as {{ type_double() }}
        ) as {{ column }},
    {% endfor -%}
    -- It rests on other values than the rest of the row, and is suppressed by their number alone.
    cast(
        case
            when models_with_valid_parameters >= {{ var('min_values') }} then raw_mean_parameters
        end as {{ type_double() }}
    ) as raw_mean_parameters,
    is_suppressed,
    suppression_reason,
    is_low_reliability,
    {{ observation_status('is_complete_month', 'is_suppressed', 'is_low_reliability') }} as observation_status,
    snapshot_date,
    {{ method_version() }} as method_version
from cells
