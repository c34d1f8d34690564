select
    sized.size_band,
    count(*) as models,
    cast(sum(sized.downloads) as int64) as downloads,
    count(*) / sum(count(*)) over () as share_of_models,
    sum(sized.downloads) / nullif(sum(sum(sized.downloads)) over (), 0) as share_of_downloads
from intermediate.int_models as sized
where sized.is_listed
group by sized.size_band
order by sized.size_band
