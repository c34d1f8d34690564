with

models as (
    select
        -- Counted from 1 MB.
        cast(floor(3 * log10(greatest(used_storage_gb, 0.001))) as int64) + 9 as storage_step,
        {{ step_of_count('spaces') }} as spaces_step,
        ln(likes + 1) as ln_likes
    from {{ ref('text_generation_models') }}
    where used_storage_gb is not null and spaces is not null and not is_storage_outlier
)

select
    cast(storage_step as int64) as storage_step,
    cast(spaces_step as int64) as spaces_step,
    cast(count(*) as int64) as models,
    cast(exp({{ exact_average('ln_likes') }}) - 1 as {{ type_double() }}) as typical_likes
from models
group by storage_step, spaces_step
