with

downloads as (
    select
        popularity_class,
        min(downloads) as fewest_downloads,
        max(downloads) as most_downloads
    from trends.text_generation_models
    group by popularity_class
)

select
    classes.popularity_class,
    classes.models,
    classes.share,
    classes.downloads,
    classes.share_of_downloads,
    downloads.fewest_downloads,
    downloads.most_downloads
from trends.text_generation_popularity as classes
left join downloads on classes.popularity_class = downloads.popularity_class
order by classes.class_order
