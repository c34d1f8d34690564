with

coverages as (
    select
        month,
        scope,
        population,
        coverage,
        models_with_parameters / new_models as ratio
    from {{ ref('average_model_parameters') }}
    union all
    select
        month,
        scope,
        population,
        coverage,
        models_with_cost / new_models as ratio
    from {{ ref('average_training_costs') }}
)

select *
from coverages
where
    abs(coverage - ratio) > 1e-12
    or coverage > 1
