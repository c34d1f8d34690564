with

publishers as (
    select
        publisher,
        count(*) as models,
        {{ sum_of_counts('downloads') }} as downloads,
        {{ sum_of_counts('likes') }} as likes
    from {{ ref('int_models') }}
    where is_listed and publisher is not null
    group by publisher
),

total as (
    select {{ sum_of_counts('downloads') }} as downloads
    from publishers
),

top as (
    select *
    from publishers
    where downloads is not null
    order by downloads desc, publisher
    limit {{ var('shown_publishers') }}
)

select
    top.publisher,
    cast(row_number() over (order by top.downloads desc, top.publisher) as int64) as download_rank,
    cast(top.models as int64) as models,
    top.downloads,
    top.likes,
    cast(top.downloads / nullif(total.downloads, 0) as {{ type_double() }}) as share_of_downloads
from top
cross join total
