with

publishers as (
    select
        publisher,
        count(*) as models,
        sum(downloads) as downloads,
        max(downloads) as most_downloads
    from intermediate.int_models
    where is_listed and publisher is not null
    group by publisher
),

classed as (
    select
        *,
        case
            when models >= 1000 then 5
            when models >= 100 then 4
            when models >= 10 then 3
            when models >= 2 then 2
            else 1
        end as class_order
    from publishers
)

select
    class_order,
    count(*) as publishers,
    cast(sum(models) as int64) as models,
    cast(sum(downloads) as int64) as downloads,
    count(*) / sum(count(*)) over () as share_of_publishers,
    sum(models) / sum(sum(models)) over () as share_of_models,
    sum(downloads) / nullif(sum(sum(downloads)) over (), 0) as share_of_downloads,
    -- Of all downloads but those of the class's most downloaded model.
    (sum(downloads) - max(most_downloads))
    / nullif(sum(sum(downloads)) over () - max(most_downloads), 0) as share_without_largest
from classed
group by class_order
order by class_order
