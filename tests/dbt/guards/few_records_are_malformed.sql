-- A field of another type than before makes its records malformed: they are left out, each with its text.
with

malformed as (
    select
        kind,
        snapshot_date,
        count(*) as records,
        min(detail) as example
    from {{ ref('stg_hub__rejects') }}
    where reason = 'malformed'
    group by kind, snapshot_date
)

select
    cast(malformed.records as {{ dbt.type_string() }}) || ' records of ' || malformed.kind
    || ' were left out of the snapshot of ' || cast(malformed.snapshot_date as {{ dbt.type_string() }})
    || ' because a field is missing or not of its type, such as: ' || malformed.example
    || '. See {{ env_var('HUB_SCHEMA_PREFIX', '') }}hub_raw.rejects.' as reason
from malformed
inner join {{ ref('int_snapshots') }} as snapshots
    on
        malformed.kind = snapshots.kind
        and malformed.snapshot_date = snapshots.snapshot_date
inner join {{ ref('stg_hub__snapshots') }} as crawls
    on
        malformed.kind = crawls.kind
        and malformed.snapshot_date = crawls.snapshot_date
where
    snapshots.is_newest
    and malformed.records > {{ var('max_share_malformed') }} * (crawls.records + malformed.records)
