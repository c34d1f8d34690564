-- Kept for good, a full refresh included: what was published is history, which no later build can make again. A build
-- only adds figures of a snapshot that has none yet by this method, whatever is loaded, dropped or loaded again since.
-- Which vintage a figure is of is what its mart says, not when it is built.
{{ config(materialized='incremental', full_refresh=false, on_schema_change='append_new_columns') }}

{% set medians = [
    ('average_model_parameters', 'median_parameters', 'parameters'),
    ('average_training_costs', 'median_cost_usd_central', 'current US dollars'),
    (
        'training_cost_per_million_parameters', 'median_cost_per_million_usd_central',
        'current US dollars per million parameters',
    ),
] %}

with

new_models as (
    select
        'new_models' as figure,
        month,
        'models' as unit,
        cast(new_models as {{ type_double() }}) as value,
        is_complete_month,
        observation_status,
        snapshot_date,
        method_version
    -- The alias keeps the column apart from the table of the same name.
    from {{ ref('new_models') }} as months
    where population = 'all'
),

by_task as (
    select * from {{ ref('new_models_by_intended_use') }}
),

months as (
    select
        month,
        is_complete_month,
        snapshot_date,
        method_version,
        count(share_of_declared) > 0 as has_declared
    from by_task
    group by month, is_complete_month, snapshot_date, method_version
),

by_category as (
    select
        month,
        category,
        {{ exact_sum("case when task = 'not-declared' then share_of_all else share_of_declared end") }} as share
    from by_task
    group by month, category
),

-- Each category in each month, so that one that nobody declared is a share of 0 and can be revised.
shares as (
    select
        'share_' || categories.category as figure,
        months.month,
        'fraction' as unit,
        case
            when categories.category = 'not-declared' then by_category.share
            when months.has_declared then coalesce(by_category.share, 0)
        end as value,
        months.is_complete_month,
        {{ observation_status('months.is_complete_month') }} as observation_status,
        months.snapshot_date,
        months.method_version
    from months
    cross join {{ ref('categories') }} as categories
    left join by_category
        on months.month = by_category.month and categories.category = by_category.category
),

figures as (
    select * from new_models
    {% for mart, column, unit in medians -%}
        union all
        select
            '{{ column }}' as figure,
            month,
            '{{ unit }}' as unit,
            {{ column }} as value,
            is_complete_month,
            observation_status,
            snapshot_date,
            method_version
        from {{ ref(mart) }}
        where is_headline
    {% endfor -%}
    union all
    select * from shares
),

{% if is_incremental() -%}
    published as (
        select distinct
            figure,
            vintage,
            {{ comparable_method('method_version') }} as comparable_method
        from {{ this }}
    ),

{% endif -%}

snapshots as (
    select
        snapshot_date,
        is_complete
    from {{ ref('int_snapshots') }}
    where kind = 'models'
)

select
    figures.figure,
    figures.month,
    figures.snapshot_date as vintage,
    figures.unit,
    figures.value,
    cast(
        case
            when figures.is_complete_month
                then {{ date_difference('month', 'figures.month', 'figures.snapshot_date') }} - 1
        end as int64
    ) as lag_months,
    figures.is_complete_month,
    snapshots.is_complete as is_complete_listing,
    {{ 'true' if var('as_of') else 'false' }} as is_reconstructed,
    figures.observation_status,
    figures.snapshot_date,
    figures.method_version
from figures
inner join snapshots on figures.snapshot_date = snapshots.snapshot_date
{% if is_incremental() -%}
    left join published
        on
            figures.figure = published.figure
            and figures.snapshot_date = published.vintage
            and {{ comparable_method('figures.method_version') }} = published.comparable_method
    where published.figure is null
{%- endif %}
