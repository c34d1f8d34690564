with

downloads as (
    select
        popularity_class,
        min(downloads) as fewest_downloads,
        max(downloads) as most_downloads
    from {{ ref('text_generation_models') }}
    group by popularity_class
)

select
    classes.popularity_class,
    classes.class_order,
    classes.models,
    classes.share,
    classes.downloads,
    classes.share_of_downloads,
    downloads.fewest_downloads,
    downloads.most_downloads
from {{ ref('text_generation_popularity') }} as classes
left join downloads on classes.popularity_class = downloads.popularity_class
