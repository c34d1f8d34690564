with

consecutive as (
    select
        month,
        population,
        new_models,
        cumulative_models,
        lag(cumulative_models) over (partition by population order by month) as models_before
    -- The alias keeps the column apart from the table of the same name.
    from {{ ref('new_models') }} as months
)

select *
from consecutive
where cumulative_models <> models_before + new_models
