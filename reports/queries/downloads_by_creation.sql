-- One row per quarter of creation and third of a power of ten of downloads, on a scale of steps: 0 for no
-- download, 1 for 1 and 2, and 3 more for each power of ten.
with

models as (
    select
        extract(year from models.created_at) as year,
        extract(quarter from models.created_at) as quarter,
        models.likes,
        case
            when models.downloads > 0 then cast(floor(3 * log10(models.downloads)) as int64) + 1
            else 0
        end as download_step
    from trends.text_generation_models as models
    -- A model without a month was put on the Hub before it stored dates.
    inner join intermediate.int_models as dated
        on models.model_id = dated.model_id and dated.month is not null
    where models.downloads is not null
)

select
    year,
    quarter,
    download_step,
    count(*) as models,
    round(exp(avg(ln(likes + 1))) - 1, 9) as typical_likes
from models
group by year, quarter, download_step
order by year, quarter, download_step
