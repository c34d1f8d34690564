with

models as (
    select nullif(substr(regexp_extract(tags, '"license:[^"]+'), 10), '') as licence
    from intermediate.int_model_listings
    where is_listed
)

select
    licence,
    count(*) as models,
    count(*) / sum(count(*)) over () as share_of_models
from models
group by licence
order by models desc, licence
