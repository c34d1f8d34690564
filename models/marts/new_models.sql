with

months as (
    select * from {{ ref('int_months') }}
),

populations as (
    select * from {{ ref('int_populations') }}
),

-- The left-censored have no month, and are counted there.
publishers as (
    select
        all_models.month,
        populations.population,
        all_models.publisher,
        count(*) as models,
        count(case when all_models.is_listed then 1 end) as listed_models,
        count(case when all_models.is_listed then all_models.downloads_all_time end) as models_with_counter,
        count(case when all_models.is_listed and all_models.downloads_all_time >= 1 then 1 end)
            as models_ever_downloaded
    from {{ ref('int_models') }} as all_models
    inner join populations on all_models.population = populations.model_population
    group by all_models.month, populations.population, all_models.publisher
),

totals as (
    select
        month,
        population,
        sum(models) as models,
        sum(listed_models) as listed_models,
        sum(models_with_counter) as models_with_counter,
        sum(models_ever_downloaded) as models_ever_downloaded,
        count(publisher) as publishers,
        max(case when publisher is not null then models end) as top_publisher_models
    from publishers
    group by month, population
),

-- Of publishers with equally many, the first in alphabetical order.
top_publishers as (
    select
        publishers.month,
        publishers.population,
        min(publishers.publisher) as top_publisher
    from publishers
    inner join totals
        on
            publishers.month = totals.month
            and publishers.population = totals.population
            and publishers.models = totals.top_publisher_models
    group by publishers.month, publishers.population
),

stocks as (
    select
        population,
        models
    from totals
    where month is null
),

whole_listings as (
    select min(snapshot_date) as first_snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models' and is_complete
),

next_months as (
    select
        month,
        cast({{ dbt.dateadd('month', 1, 'month') }} as date) as next_month
    from months
),

-- Months that were over before the first whole listing, with the age in months of the models of their middle.
ages as (
    select
        months.month,
        (
            {{ date_difference('day', 'months.month', 'whole_listings.first_snapshot_date') }}
            - {{ date_difference('day', 'months.month', 'months.next_month') }} / 2
        ) / {{ days_per_month() }} as age_months
    from next_months as months
    cross join whole_listings
    where months.next_month <= whole_listings.first_snapshot_date
),

-- How many of these survived until then: by each month of age before it as a whole, and by its last one in part.
survivors as (
    select
        ages.month,
        exp(-sum(
            rates.hazard_per_month
            * case
                when rates.age_months + 1 <= ages.age_months then 1
                when rates.age_months < ages.age_months then ages.age_months - rates.age_months
                else 0
            end
        )) as survival
    from ages
    cross join {{ ref('int_survival_by_age') }} as rates
    group by ages.month
),

spine as (
    select
        months.month,
        months.is_relation_reliable,
        months.is_complete_month,
        months.snapshot_date,
        populations.population
    from months
    cross join (select distinct population from populations) as populations
),

counted as (
    select
        spine.month,
        spine.population,
        spine.is_relation_reliable,
        spine.is_complete_month,
        spine.snapshot_date,
        coalesce(totals.models, 0) as new_models,
        coalesce(totals.listed_models, 0) as listed_models,
        coalesce(totals.models_with_counter, 0) as models_with_counter,
        coalesce(totals.models_ever_downloaded, 0) as models_ever_downloaded,
        coalesce(totals.publishers, 0) as publishers,
        coalesce(stocks.models, 0) as stock,
        totals.top_publisher_models,
        top_publishers.top_publisher,
        survivors.survival
    from spine
    left join totals
        on spine.month = totals.month and spine.population = totals.population
    left join top_publishers
        on spine.month = top_publishers.month and spine.population = top_publishers.population
    left join stocks on spine.population = stocks.population
    left join survivors on spine.month = survivors.month
),

cumulated as (
    select
        counted.*,
        counted.stock + sum(counted.new_models) over (
            partition by counted.population
            order by counted.month
            rows between unbounded preceding and current row
        ) as cumulative_models,
        year_before.new_models as new_models_year_before
    from counted
    left join counted as year_before
        on
            counted.population = year_before.population
            and year_before.month = cast({{ dbt.dateadd('year', -1, 'counted.month') }} as date)
)

select
    month,
    population,
    is_relation_reliable,
    is_complete_month,
    cast(new_models as int64) as new_models,
    cast(listed_models as int64) as listed_models,
    cast(new_models - listed_models as int64) as removed_models,
    cast(
        case
            when listed_models = 0 then 0
            when models_with_counter / listed_models >= {{ var('min_share_with_counter') }}
                then models_ever_downloaded
        end as int64
    ) as models_ever_downloaded,
    cast(cumulative_models as int64) as cumulative_models,
    cast(new_models_year_before as int64) as new_models_year_before,
    cast(
        case when is_complete_month then new_models / nullif(new_models_year_before, 0) - 1 end
        as {{ type_double() }}
    ) as year_over_year_change,
    cast(publishers as int64) as publishers,
    top_publisher,
    cast(top_publisher_models / nullif(new_models, 0) as {{ type_double() }}) as top_publisher_share,
    cast(new_models / survival as {{ type_double() }}) as estimated_births,
    {{ observation_status('is_complete_month') }} as observation_status,
    snapshot_date,
    {{ method_version() }} as method_version
from cumulated
