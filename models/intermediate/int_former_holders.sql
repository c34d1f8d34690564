-- A view: they are few.
{{ config(materialized='view') }}

select
    older.model_key as unit_key,
    newest.model_key
from {{ ref('int_recurring_names') }} as older
inner join {{ ref('int_recurring_names') }} as newest on older.model_id = newest.model_id
where newest.is_newest_holder and not older.is_newest_holder
