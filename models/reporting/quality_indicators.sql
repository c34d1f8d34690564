-- One row per indicator: what the quality report says in numbers, under the heading of it that the concept names.
-- Of the newest complete month where the text says "month", else of all that is kept.
with

headlines as (
    select
        *,
        row_number() over (order by month desc) = 1 as is_newest_month
    from {{ ref('average_model_parameters') }}
    where is_headline and is_complete_month
),

costs as (
    select
        *,
        row_number() over (order by month desc) = 1 as is_newest_month
    from {{ ref('average_training_costs') }}
    where is_headline and is_complete_month
),

growth as (
    select
        *,
        cast({{ dbt.dateadd('month', 1, 'month') }} as date) as month_end,
        row_number() over (order by month desc) = 1 as is_newest_month
    from {{ ref('new_models') }}
    where population = 'all' and is_complete_month
),

tasks as (
    select
        share_of_all,
        row_number() over (order by month desc) = 1 as is_newest_month
    from {{ ref('new_models_by_intended_use') }}
    where category = 'not-declared' and is_complete_month
),

languages as (
    select
        datasets_declared,
        datasets_total,
        row_number() over (order by snapshot_date desc, language) = 1 as is_newest
    from {{ ref('dataset_share_by_language') }}
),

listings as (
    select
        *,
        {{ date_difference('day', 'previous_snapshot_date', 'snapshot_date') }} as days_since_previous
    from {{ ref('int_snapshots') }}
    where kind = 'models'
),

of_headlines as (
    select
        max(case when is_newest_month then coverage end) as coverage_of_sizes,
        max(case when is_newest_month then publishers end) as publishers,
        max(case when is_newest_month then share_repeated_size end) as share_repeated_size,
        max(case when is_newest_month then median_parameters_ci_high / nullif(median_parameters_ci_low, 0) end)
            as interval_ratio,
        avg(case when is_suppressed then 1.0 else 0.0 end) as share_suppressed,
        avg(case when is_low_reliability then 1.0 else 0.0 end) as share_low_reliability,
        count(case when is_relation_reliable then 1 end) as months_with_populations
    from headlines
),

of_costs as (
    select
        max(case when is_newest_month then coverage end) as coverage_of_costs,
        max(case when is_newest_month then median_cost_usd_high / nullif(median_cost_usd_low, 0) end) as scenario_ratio,
        avg(case when is_extrapolated then 1.0 else 0.0 end) as share_extrapolated
    from costs
),

of_growth as (
    select
        count(*) as months,
        sum(removed_models) / nullif(sum(new_models), 0) as share_removed,
        max(case when is_newest_month then {{ date_difference('day', 'month_end', 'snapshot_date') }} end)
            as days_after_month
    from growth
),

of_tasks as (
    select max(case when is_newest_month then 1 - share_of_all end) as share_with_task
    from tasks
),

of_languages as (
    select max(case when is_newest then datasets_declared / nullif(datasets_total, 0) end) as share_with_language
    from languages
),

of_listings as (
    select
        count(*) as listings,
        max(days_since_previous) as longest_gap,
        avg(case when is_complete then 1.0 else 0.0 end) as share_complete,
        avg(case when obtained_from is not null then 1.0 else 0.0 end) as share_of_others,
        avg(case when is_frozen then 1.0 else 0.0 end) as share_frozen
    from listings
),

indicators as (
    {% for concept, indicator, name, unit, source in [
        ('accuracy', 'interval_ratio', 'Upper over lower end of the 95% interval of the median size, newest complete month', 'ratio', 'of_headlines'),
        ('accuracy', 'scenario_ratio', 'High over low scenario of the median training cost, newest complete month', 'ratio', 'of_costs'),
        ('accuracy', 'publishers', 'Publishers behind the median size, newest complete month', 'count', 'of_headlines'),
        ('accuracy', 'share_repeated_size', 'Models whose exact size an earlier model has, newest complete month', 'fraction', 'of_headlines'),
        ('accuracy', 'share_suppressed', 'Headline months that are suppressed', 'fraction', 'of_headlines'),
        ('accuracy', 'share_low_reliability', 'Headline months of low reliability', 'fraction', 'of_headlines'),
        ('accuracy', 'share_extrapolated', 'Headline months whose costs go beyond the data of the fits', 'fraction', 'of_costs'),
        ('coverage', 'coverage_of_sizes', 'New models whose number of parameters is known, newest complete month', 'fraction', 'of_headlines'),
        ('coverage', 'coverage_of_costs', 'New models that have a training cost, newest complete month', 'fraction', 'of_costs'),
        ('coverage', 'share_with_task', 'New models that declare a task, newest complete month', 'fraction', 'of_tasks'),
        ('coverage', 'share_with_language', 'Datasets that name a language, newest listing', 'fraction', 'of_languages'),
        ('coverage', 'share_removed', 'Models ever seen that are gone from the Hub', 'fraction', 'of_growth'),
        ('timeliness', 'days_after_month', 'Days from the end of the newest complete month to its listing', 'days', 'of_growth'),
        ('timeliness', 'longest_gap', 'Longest time between two listings of models', 'days', 'of_listings'),
        ('comparability', 'months', 'Complete months in the tables', 'count', 'of_growth'),
        ('comparability', 'months_with_populations', 'Of them, months in which populations can be told apart', 'count', 'of_headlines'),
        ('comparability', 'listings', 'Listings of models that the figures rest on', 'count', 'of_listings'),
        ('comparability', 'share_of_others', 'Of them, kept by others and read from their archive', 'fraction', 'of_listings'),
        ('comparability', 'share_frozen', 'Of them, files that repeat the one before', 'fraction', 'of_listings'),
        ('comparability', 'share_complete', 'Of them, read whole', 'fraction', 'of_listings'),
    ] -%}
        select
            '{{ indicator }}' as indicator,
            {{ loop.index }} as indicator_order,
            '{{ concept }}' as concept,
            '{{ name }}' as indicator_name,
            '{{ unit }}' as unit,
            cast({{ indicator }} as {{ type_double() }}) as value
        from {{ source }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    indicator,
    cast(indicator_order as int64) as indicator_order,
    concept,
    indicator_name,
    unit,
    value
from indicators
