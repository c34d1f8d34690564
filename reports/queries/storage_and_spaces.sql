-- One row per third of a power of ten of storage and of Spaces. Steps of storage count from 1 MB, those of Spaces
-- are 0 for none, 1 for 1 and 2, and 3 more for each power of ten.
with

models as (
    select
        likes,
        cast(floor(3 * log10(greatest(used_storage_gb, 0.001))) as int64) + 9 as storage_step,
        case
            when spaces > 0 then cast(floor(3 * log10(spaces)) as int64) + 1
            else 0
        end as spaces_step
    from trends.text_generation_models
    where used_storage_gb is not null and spaces is not null and not is_storage_outlier
)

select
    storage_step,
    spaces_step,
    count(*) as models,
    round(exp(avg(ln(likes + 1))) - 1, 9) as typical_likes
from models
group by storage_step, spaces_step
order by storage_step, spaces_step
