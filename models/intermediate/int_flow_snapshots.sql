{% set rounds = 3 %}
with

snapshots as (
    select
        snapshots.kind,
        snapshots.snapshot_date,
        snapshots.is_frozen,
        contents.with_downloads > 0 as has_downloads,
        contents.with_downloads_all_time > 0 as has_downloads_all_time,
        snapshots.loaded_at
    from {{ ref('int_snapshots') }} as snapshots
    inner join {{ ref('int_snapshot_contents') }} as contents
        on
            snapshots.kind = contents.kind
            and snapshots.snapshot_date = contents.snapshot_date
),

pairs as (
    select
        kind,
        snapshot_date,
        earlier_snapshot_date,
        repeated * 2 > repositories as is_repeated
    from {{ ref('int_repeated_downloads') }}
),

verdicts_0 as (
    select
        kind,
        snapshot_date,
        coalesce(is_frozen, false) as is_frozen
    from snapshots
),

-- A snapshot is compared with one that is not frozen itself, and that is known of the earlier ones after a round more.
{% for round in range(1, rounds + 1) -%}
    compared_{{ round }} as (
        select
            pairs.kind,
            pairs.snapshot_date,
            pairs.is_repeated,
            row_number() over (
                partition by pairs.kind, pairs.snapshot_date order by pairs.earlier_snapshot_date desc
            ) as recency
        from pairs
        inner join verdicts_{{ round - 1 }} as earlier
            on
                pairs.kind = earlier.kind
                and pairs.earlier_snapshot_date = earlier.snapshot_date
        where not earlier.is_frozen
    ),

    verdicts_{{ round }} as (
        select
            snapshots.kind,
            snapshots.snapshot_date,
            coalesce(snapshots.is_frozen, compared.is_repeated, false) as is_frozen
        from snapshots
        left join compared_{{ round }} as compared
            on
                snapshots.kind = compared.kind
                and snapshots.snapshot_date = compared.snapshot_date
                and compared.recency = 1
    ),

{% endfor -%}
usable as (
    select
        snapshots.kind,
        snapshots.snapshot_date,
        snapshots.loaded_at,
        verdicts.is_frozen,
        snapshots.has_downloads and not verdicts.is_frozen as has_downloads,
        snapshots.has_downloads_all_time and not verdicts.is_frozen as has_downloads_all_time
    from snapshots
    inner join verdicts_{{ rounds }} as verdicts
        on
            snapshots.kind = verdicts.kind
            and snapshots.snapshot_date = verdicts.snapshot_date
)

select * from usable
