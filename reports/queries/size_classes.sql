-- By a model's own number of parameters; that of an adapter or of packed weights is another thing.
with

models as (
    select
        downloads,
        case
            when coalesce(parameter_use, 'none') <> 'counted' then 6
            when parameters < 1e8 then 1
            when parameters < 1e9 then 2
            when parameters < 1e10 then 3
            when parameters < 1e11 then 4
            else 5
        end as class_order
    from intermediate.int_models
    where is_listed
)

select
    class_order,
    count(*) as models,
    cast(sum(downloads) as int64) as downloads,
    count(*) / sum(count(*)) over () as share_of_models,
    sum(downloads) / nullif(sum(sum(downloads)) over (), 0) as share_of_downloads
from models
group by class_order
order by class_order
