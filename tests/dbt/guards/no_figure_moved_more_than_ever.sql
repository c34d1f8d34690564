-- The headline of each mart that has months: the newest whole month against the months before it. Something new in the
-- world looks like this as well as an error does, so somebody should look.
with

headlines as (
    select
        'new_models.new_models' as figure,
        month,
        cast(new_models as {{ type_double() }}) as value
    -- The alias keeps the column apart from the table of the same name.
    from {{ ref('new_models') }} as months
    where population = 'all' and is_complete_month
    union all
    select
        'average_model_parameters.geometric_mean_parameters' as figure,
        month,
        geometric_mean_parameters as value
    from {{ ref('average_model_parameters') }}
    where population = 'all' and scope = 'all' and is_complete_month
    union all
    select
        'average_training_costs.geometric_mean_cost_usd_central' as figure,
        month,
        geometric_mean_cost_usd_central as value
    from {{ ref('average_training_costs') }}
    where population = 'all' and scope = 'all' and is_complete_month
    union all
    select
        'training_cost_per_million_parameters.cost_per_million_usd_central' as figure,
        month,
        cost_per_million_usd_central as value
    from {{ ref('training_cost_per_million_parameters') }}
    where population = 'all' and scope = 'all' and is_complete_month
    union all
    select
        'new_models_by_intended_use.share_of_all of text-generation' as figure,
        month,
        share_of_all as value
    from {{ ref('new_models_by_intended_use') }}
    where task = 'text-generation' and is_complete_month
),

moves as (
    select
        figure,
        month,
        value,
        abs(ln(value / lag(value) over (partition by figure order by month))) as move,
        row_number() over (partition by figure order by month desc) as recency
    from headlines
    where value > 0
),

compared as (
    select
        figure,
        month,
        value,
        move,
        recency,
        max(move) over (
            partition by figure
            order by month
            rows between {{ var('months_to_compare') }} preceding and 1 preceding
        ) as largest_move_before
    from moves
)

select
    figure || ' moved by a factor of ' || cast(round(exp(move), 2) as {{ dbt.type_string() }}) || ' in '
    || cast(month as {{ dbt.type_string() }}) || '; in the {{ var("months_to_compare") }} months before by '
    || cast(round(exp(largest_move_before), 2) as {{ dbt.type_string() }}) || ' at most.' as reason
from compared
where recency = 1 and move > largest_move_before
