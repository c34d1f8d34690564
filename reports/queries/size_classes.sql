select
    models.size_band,
    count(*) as models,
    cast(sum(models.downloads) as int64) as downloads,
    count(*) / sum(count(*)) over () as share_of_models,
    sum(models.downloads) / nullif(sum(sum(models.downloads)) over (), 0) as share_of_downloads
from intermediate.int_models as models
where models.is_listed
group by models.size_band
order by models.size_band
