with

models as (
    select
        *,
        cast(used_storage_bytes as {{ type_double() }}) as storage_bytes
    from {{ ref('int_text_generation_models') }}
    where is_listed
),

limits as (
    select {{ quantile('storage_bytes', var('storage_outlier_quantile')) }} as outlier_from_bytes
    from {{ with_ranks('models', ['storage_bytes']) }} as models
),

newest_snapshot as (
    select snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models' and is_newest
)

select
    models.model_id,
    models.publisher,
    models.created_at,
    models.downloads,
    models.likes,
    cast(models.used_storage_bytes / 1e9 as {{ type_double() }}) as used_storage_gb,
    models.spaces,
    models.popularity_class,
    models.used_storage_bytes > limits.outlier_from_bytes as is_storage_outlier,
    newest_snapshot.snapshot_date
from models
cross join limits
cross join newest_snapshot
