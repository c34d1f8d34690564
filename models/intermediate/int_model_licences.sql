-- A view: int_models, beside a short list.
{{ config(materialized='view') }}

select
    models.model_key,
    models.licence,
    case
        when models.licence is null then 'none'
        else coalesce(classes.licence_class, 'other')
    end as licence_class
from {{ ref('int_models') }} as models
left join {{ ref('licence_classes') }} as classes on models.licence = classes.licence_id
