-- What is added up by families is added up once: the parts of a model make it whole.
with

families as (
    select
        model_key,
        sum(fraction) as fraction
    from {{ ref('int_model_families') }}
    group by model_key
)

select
    models.model_key,
    families.fraction
from {{ ref('int_models') }} as models
full outer join families on models.model_key = families.model_key
where
    models.model_key is null
    or families.model_key is null
    or abs(families.fraction - 1) > 1e-9
