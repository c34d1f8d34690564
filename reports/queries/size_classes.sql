select
    effective.size_band,
    count(*) as models,
    cast(sum(models.downloads) as int64) as downloads,
    count(*) / sum(count(*)) over () as share_of_models,
    sum(models.downloads) / nullif(sum(sum(models.downloads)) over (), 0) as share_of_downloads
from intermediate.int_models as models
inner join intermediate.int_effective_parameters as effective on models.model_key = effective.model_key
where models.is_listed
group by effective.size_band
order by effective.size_band
