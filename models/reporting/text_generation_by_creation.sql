with

models as (
    select
        cast({{ dbt.date_trunc('quarter', 'created_at') }} as date) as quarter,
        {{ step_of_count('downloads') }} as download_step,
        ln(likes + 1) as ln_likes
    from {{ ref('int_text_generation_models') }}
    where is_listed and not is_left_censored and downloads is not null
)

select
    quarter,
    cast(download_step as int64) as download_step,
    cast(count(*) as int64) as models,
    cast(exp({{ exact_average('ln_likes') }}) - 1 as {{ type_double() }}) as typical_likes
from models
group by quarter, download_step
