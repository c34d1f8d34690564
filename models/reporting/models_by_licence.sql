with

counted as (
    select
        licence,
        count(*) as models
    from {{ ref('int_models') }}
    where is_listed
    group by licence
)

select
    licence,
    cast(models as int64) as models,
    cast(models / sum(models) over () as {{ type_double() }}) as share_of_models
from counted
