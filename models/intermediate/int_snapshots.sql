-- The one place where it is decided which snapshots count: every model reads its snapshots here.
with

-- What a snapshot without keys says also rests on its neighbours that have them.
versions as (
    select
        snapshots.* replace (
            greatest(
                snapshots.loaded_at,
                coalesce(keyless.keyed_before_loaded_at, snapshots.loaded_at),
                coalesce(keyless.keyed_after_loaded_at, snapshots.loaded_at)
            ) as loaded_at
        )
    from {{ ref('stg_hub__snapshots') }} as snapshots
    left join {{ ref('int_keyless_snapshots') }} as keyless
        on
            snapshots.kind = keyless.kind
            and snapshots.snapshot_date = keyless.snapshot_date
),

loaded as (
    select
        kind,
        snapshot_date,
        crawled_from,
        is_synthetic,
        is_forced,
        overruled,
        is_complete,
        obtained_from,
        licence,
        archive_date,
        is_frozen,
        loaded_at,
        lag(snapshot_date) over (partition by kind order by snapshot_date) as previous_snapshot_date,
        lag(loaded_at) over (partition by kind order by snapshot_date) as previous_loaded_at,
        lead(snapshot_date) over (partition by kind order by snapshot_date) as next_snapshot_date
    from versions
),

counting as (
    select
        *,
        row_number() over (partition by kind order by snapshot_date desc) as recency,
        row_number() over (
            partition by kind, {{ dbt.date_trunc('month', 'snapshot_date') }} order by snapshot_date desc
        ) as recency_in_month
    from loaded
    {% if var('as_of') -%}
        where snapshot_date <= cast('{{ var("as_of") }}' as date)
    {%- endif %}
)

select
    kind,
    snapshot_date,
    previous_snapshot_date,
    next_snapshot_date,
    crawled_from,
    is_synthetic,
    is_forced,
    overruled,
    is_complete,
    obtained_from,
    licence,
    archive_date,
    is_frozen,
    loaded_at,
    previous_loaded_at,
    recency = 1 as is_newest,
    recency_in_month = 1 as is_last_of_month
from counting
