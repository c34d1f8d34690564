with

cells as (
    select * from {{ ref('int_parameter_statistics') }}
)

{% set statistics = {
    'share_repeated_size': '(cells.models_with_parameters - cells.models_first_of_size) / cells.models_with_parameters',
    'mean_parameters': 'cells.mean_parameters',
    'median_parameters': 'cells.p50_parameters',
    'median_parameters_ci_low': 'cells.median_ci_low',
    'median_parameters_ci_high': 'cells.median_ci_high',
    'geometric_mean_parameters': 'cells.geometric_mean_parameters',
    'geometric_mean_ci_low': 'cells.geometric_mean_ci_low',
    'geometric_mean_ci_high': 'cells.geometric_mean_ci_high',
    'winsorised_mean_parameters': 'cells.winsorised_mean_parameters',
    'p10_parameters': 'cells.p10_parameters',
    'p25_parameters': 'cells.p25_parameters',
    'p75_parameters': 'cells.p75_parameters',
    'p90_parameters': 'cells.p90_parameters',
} -%}

select
    cells.month,
    cells.scope,
    cells.scope_name,
    cells.population,
    cells.is_relation_reliable,
    cells.is_headline,
    cells.is_complete_month,
    cells.new_models,
    cast(cells.models_with_parameters as int64) as models_with_parameters,
    cast(cells.coverage as {{ type_double() }}) as coverage,
    cast(cells.publishers as int64) as publishers,
    {% for column, statistic in statistics.items() -%}
        {{ shown(statistic) }} as {{ column }},
    {% endfor -%}
    cast(cells.models_first_of_size as int64) as models_first_of_size,
    {% for column in ['median_parameters_first_of_size', 'mean_parameters_first_of_size'] -%}
        {{ shown('cells.' ~ column, 'cells.models_first_of_size') }} as {{ column }},
    {% endfor -%}
    -- It rests on other values than the rest of the row, and is suppressed by their number alone.
    cast(
        case
            when cells.models_with_valid_parameters >= {{ var('min_values') }} then cells.raw_mean_parameters
        end as {{ type_double() }}
    ) as raw_mean_parameters,
    cells.is_suppressed,
    cells.suppression_reason,
    cells.is_low_reliability,
    {{ observation_status('cells.is_complete_month', 'cells.is_suppressed', 'cells.is_low_reliability') }}
        as observation_status,
    cells.snapshot_date,
    {{ method_version() }} as method_version
from cells
