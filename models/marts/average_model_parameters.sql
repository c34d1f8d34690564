{% set cell = ['month', 'scope', 'population'] %}

with

cells as (
    select * from {{ ref('int_month_cells') }}
),

-- Each model with a valid number, once in each of its four cells.
models as (
    select
        models.month,
        scopes.scope,
        populations.population,
        cast(models.parameters as {{ type_double() }}) as valid_parameters,
        case
            when models.parameter_use = 'counted'
                then cast(models.parameters as {{ type_double() }})
        end as parameters
    from {{ ref('int_models') }} as models
    inner join {{ ref('int_scopes') }} as scopes on models.category = scopes.category
    inner join {{ ref('int_populations') }} as populations
        on models.population = populations.model_population
    where models.month is not null and models.parameters is not null
),

statistics as (
    select
        month,
        scope,
        population,
        {% for percentile in [1, 10, 25, 50, 75, 90, 99] -%}
            {{ quantile('parameters', percentile / 100) }} as p{{ percentile }}_parameters,
        {% endfor -%}
        count(valid_parameters) as models_with_valid_parameters,
        {{ exact_average('valid_parameters', scale=6) }} as raw_mean_parameters,
        count(parameters) as models_with_parameters,
        {{ exact_sum('parameters', scale=6) }} as total_parameters,
        {{ exact_average('parameters', scale=6) }} as mean_parameters,
        {{ exact_average('ln(parameters)') }} as mean_ln
    from {{ with_ranks('models', ['parameters'], cell) }} as models
    group by {{ cell | join(', ') }}
),

-- What rests on statistics of the same models.
second_statistics as (
    select
        models.month,
        models.scope,
        models.population,
        {{ exact_average(
            'least(greatest(models.parameters, statistics.p1_parameters), statistics.p99_parameters)', scale=6
        ) }} as winsorised_mean_parameters,
        sqrt(
            {{ exact_sum('power(ln(models.parameters) - statistics.mean_ln, 2)') }}
            / nullif(count(*) - 1, 0)
            / count(*)
        ) as standard_error_ln
    from models
    inner join statistics
        on
            models.month = statistics.month
            and models.scope = statistics.scope
            and models.population = statistics.population
    where models.parameters is not null
    group by models.month, models.scope, models.population
),

joined as (
    select
        cells.*,
        statistics.raw_mean_parameters,
        statistics.total_parameters,
        statistics.mean_parameters,
        statistics.mean_ln,
        second_statistics.standard_error_ln,
        statistics.p10_parameters,
        statistics.p25_parameters,
        statistics.p50_parameters,
        statistics.p75_parameters,
        statistics.p90_parameters,
        second_statistics.winsorised_mean_parameters,
        coalesce(statistics.models_with_valid_parameters, 0) as models_with_valid_parameters,
        coalesce(statistics.models_with_parameters, 0) as models_with_parameters,
        coalesce(statistics.models_with_parameters, 0) / cells.new_models as coverage
    from cells
    left join statistics
        on
            cells.month = statistics.month
            and cells.scope = statistics.scope
            and cells.population = statistics.population
    left join second_statistics
        on
            cells.month = second_statistics.month
            and cells.scope = second_statistics.scope
            and cells.population = second_statistics.population
),

judged as (
    select
        *,
        {{ is_suppressed('models_with_parameters', 'coverage') }} as is_suppressed
    from joined
)

{% set statistics = {
    'mean_parameters': 'mean_parameters',
    'median_parameters': 'p50_parameters',
    'geometric_mean_parameters': 'exp(mean_ln)',
    'geometric_mean_ci_low': 'exp(mean_ln - 1.96 * standard_error_ln)',
    'geometric_mean_ci_high': 'exp(mean_ln + 1.96 * standard_error_ln)',
    'winsorised_mean_parameters': 'winsorised_mean_parameters',
    'p10_parameters': 'p10_parameters',
    'p25_parameters': 'p25_parameters',
    'p75_parameters': 'p75_parameters',
    'p90_parameters': 'p90_parameters',
    'total_parameters': 'total_parameters',
} -%}

select
    month,
    scope,
    scope_name,
    population,
    is_relation_reliable,
    is_complete_month,
    new_models,
    models_with_parameters,
    cast(coverage as {{ type_double() }}) as coverage,
    {% for column, statistic in statistics.items() -%}
        cast(case when not is_suppressed then {{ statistic }} end as {{ type_double() }}) as {{ column }},
    {% endfor -%}
    -- It rests on other values than the rest of the row, and is suppressed by their number alone.
    cast(
        case
            when models_with_valid_parameters >= {{ var('min_values') }} then raw_mean_parameters
        end as {{ type_double() }}
    ) as raw_mean_parameters,
    is_suppressed,
    snapshot_date,
    {{ method_version() }} as method_version
from judged
