with

publishers as (
    select
        publisher,
        count(*) as models,
        sum(downloads) as downloads,
        sum(likes) as likes
    from intermediate.int_models
    where is_listed and publisher is not null
    group by publisher
)

select
    publisher,
    models,
    cast(downloads as int64) as downloads,
    cast(likes as int64) as likes,
    downloads / nullif(sum(downloads) over (), 0) as share_of_downloads
from publishers
where downloads is not null
order by downloads desc, publisher
limit 20
