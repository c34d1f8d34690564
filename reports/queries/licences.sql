select
    licence,
    count(*) as models,
    count(*) / sum(count(*)) over () as share_of_models
from intermediate.int_models
where is_listed
group by licence
order by models desc, licence
