with

cells as (
    select * from {{ ref('int_month_cells') }}
),

-- Each model with a valid number, once in each of its four cells.
models as (
    select
        cells.cell_id,
        coalesce(models.publisher, '/' || models.model_key) as publisher_key,
        cast(models.parameters as {{ type_double() }}) as valid_parameters,
        case when models.parameter_use = 'counted' then cast(models.parameters as {{ type_double() }}) end
            as parameters,
        case
            when models.parameter_use = 'counted' and not models.is_repeated_size
                then cast(models.parameters as {{ type_double() }})
        end as first_parameters
    from {{ ref('int_models') }} as models
    inner join {{ ref('int_scopes') }} as scopes on models.category = scopes.category
    inner join {{ ref('int_populations') }} as populations
        on models.population = populations.model_population
    inner join cells
        on
            models.month = cells.month
            and scopes.scope = cells.scope
            and populations.population = cells.population
    where models.month is not null and models.parameters is not null
),

intervals as (
    {{ clustered_intervals('models', 'parameters') }}
),

statistics as (
    select
        cell_id,
        {% for percentile in [1, 10, 25, 50, 75, 90, 99] -%}
            {{ quantile('parameters', percentile / 100) }} as p{{ percentile }}_parameters,
        {% endfor -%}
        {{ quantile('first_parameters', 0.5) }} as median_parameters_first_of_size,
        {{ exact_average('first_parameters', scale=6) }} as mean_parameters_first_of_size,
        count(first_parameters) as models_first_of_size,
        count(valid_parameters) as models_with_valid_parameters,
        {{ exact_average('valid_parameters', scale=6) }} as raw_mean_parameters,
        count(parameters) as models_with_parameters,
        {{ exact_average('parameters', scale=6) }} as mean_parameters
    from {{ with_ranks('models', ['parameters', 'first_parameters'], ['cell_id']) }} as models
    group by cell_id
),

winsorised as (
    select
        models.cell_id,
        {{ exact_average(
            'least(greatest(models.parameters, statistics.p1_parameters), statistics.p99_parameters)', scale=6
        ) }} as winsorised_mean_parameters
    from models
    inner join statistics on models.cell_id = statistics.cell_id
    where models.parameters is not null
    group by models.cell_id
),

joined as (
    select
        cells.*,
        statistics.raw_mean_parameters,
        statistics.mean_parameters,
        statistics.p10_parameters,
        statistics.p25_parameters,
        statistics.p50_parameters,
        statistics.p75_parameters,
        statistics.p90_parameters,
        statistics.median_parameters_first_of_size,
        statistics.mean_parameters_first_of_size,
        winsorised.winsorised_mean_parameters,
        intervals.median_ci_low,
        intervals.median_ci_high,
        exp(intervals.mean_ln) as geometric_mean_parameters,
        exp(intervals.mean_ln - 1.96 * intervals.standard_error_ln) as geometric_mean_ci_low,
        exp(intervals.mean_ln + 1.96 * intervals.standard_error_ln) as geometric_mean_ci_high,
        coalesce(intervals.publishers, 0) as publishers,
        coalesce(statistics.models_first_of_size, 0) as models_first_of_size,
        coalesce(statistics.models_with_valid_parameters, 0) as models_with_valid_parameters,
        coalesce(statistics.models_with_parameters, 0) as models_with_parameters,
        coalesce(statistics.models_with_parameters, 0) / cells.new_models as coverage
    from cells
    left join statistics on cells.cell_id = statistics.cell_id
    left join winsorised on cells.cell_id = winsorised.cell_id
    left join intervals on cells.cell_id = intervals.cell_id
),

judged as (
    select
        *,
        {{ suppression_reason('models_with_parameters', 'coverage') }} as suppression_reason,
        {{ is_low_reliability('publishers', 'median_ci_low', 'median_ci_high', 'population', 'models_first_of_size') }}
            as is_unreliable
    from joined
)

select
    *,
    suppression_reason is not null as is_suppressed,
    case when suppression_reason is null then coalesce(is_unreliable, false) end as is_low_reliability
from judged
