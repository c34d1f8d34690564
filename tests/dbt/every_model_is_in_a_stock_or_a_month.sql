-- At the end of the last month, every model has been counted once: in a month, or in the left-censored stock.
with

models as (
    select
        populations.population,
        count(*) as models
    from {{ ref('int_models') }} as models
    inner join {{ ref('int_populations') }} as populations
        on models.population = populations.model_population
    group by populations.population
),

last_months as (
    select
        population,
        max(cumulative_models) as cumulative_models
    from {{ ref('new_models') }}
    group by population
)

select
    last_months.population,
    last_months.cumulative_models,
    models.models
from last_months
left join models on last_months.population = models.population
where last_months.cumulative_models <> coalesce(models.models, 0)
