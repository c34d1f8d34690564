with

asked as (
    select count(details_status) as models
    from {{ ref('int_text_generation_models') }}
    where is_listed
),

answered as (
    select
        count(*) as listed_models,
        count(case when used_storage_gb is not null and spaces is not null then 1 end) as models,
        count(case when is_storage_outlier then 1 end) as outliers,
        max(case when not is_storage_outlier then used_storage_gb end) as largest_storage_gb
    from {{ ref('text_generation_models') }}
)

select
    newest.snapshot_date,
    cast(answered.listed_models as int64) as models,
    cast(asked.models as int64) as models_asked,
    cast(answered.models as int64) as models_answered,
    cast(answered.outliers as int64) as outliers,
    answered.largest_storage_gb
from {{ ref('int_snapshots') }} as newest
cross join asked
cross join answered
where newest.kind = 'models' and newest.is_newest
