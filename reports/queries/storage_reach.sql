select
    count(*) as models,
    (
        select count(details_status)
        from intermediate.int_text_generation_models
        where is_listed
    ) as models_asked,
    count(case when used_storage_gb is not null and spaces is not null then 1 end) as models_answered,
    count(case when is_storage_outlier then 1 end) as outliers,
    max(case when not is_storage_outlier then used_storage_gb end) as largest_storage_gb
from trends.text_generation_models
