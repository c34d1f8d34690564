with

by_class as (
    select
        popularity_class,
        count(*) as models,
        {{ sum_of_counts('downloads') }} as downloads
    from {{ ref('int_text_generation_models') }}
    where is_listed and popularity_class is not null
    group by popularity_class
),

classes as (
    select
        'not popular' as popularity_class,
        1 as class_order
    union all
    select
        'popular' as popularity_class,
        2 as class_order
    union all
    select
        'very popular' as popularity_class,
        3 as class_order
),

totals as (
    select
        sum(models) as models,
        {{ sum_of_counts('downloads') }} as downloads
    from by_class
),

newest_snapshot as (
    select snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models' and is_newest
)

select
    classes.popularity_class,
    cast(classes.class_order as int64) as class_order,
    cast(coalesce(by_class.models, 0) as int64) as models,
    cast(coalesce(by_class.models, 0) / nullif(totals.models, 0) as {{ type_double() }}) as share,
    cast(coalesce(by_class.downloads, 0) as int64) as downloads,
    cast(coalesce(by_class.downloads, 0) / nullif(totals.downloads, 0) as {{ type_double() }}) as share_of_downloads,
    newest_snapshot.snapshot_date
from classes
cross join totals
cross join newest_snapshot
left join by_class on classes.popularity_class = by_class.popularity_class
