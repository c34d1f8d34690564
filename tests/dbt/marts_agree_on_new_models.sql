-- Four marts count the same models by month. In a month without a model, two of them have no row.
with

counts as (
    select
        month,
        new_models
    -- The alias keeps the column apart from the table of the same name.
    from {{ ref('new_models') }} as months
    where population = 'all'
    union all
    select
        month,
        new_models
    from {{ ref('average_model_parameters') }}
    where population = 'all' and scope = 'all'
    union all
    select
        month,
        new_models
    from {{ ref('average_training_costs') }}
    where population = 'all' and scope = 'all'
    union all
    select
        month,
        sum(new_models) as new_models
    from {{ ref('new_models_by_intended_use') }}
    group by month
)

select month
from counts
group by month
having
    min(new_models) <> max(new_models)
    or (max(new_models) > 0 and count(*) <> 4)
