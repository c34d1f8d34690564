-- A field that the Hub renamed or no longer gives comes as null, without an error.
with

shares as (
    select
        snapshot_fields.kind,
        snapshot_fields.field,
        snapshots.snapshot_date,
        snapshots.is_newest,
        snapshot_fields.filled / snapshot_fields.records as share_filled,
        lag(snapshot_fields.filled / snapshot_fields.records) over (
            partition by snapshot_fields.kind, snapshot_fields.field
            order by snapshots.snapshot_date
        ) as share_filled_before
    from {{ ref('int_snapshot_fields') }} as snapshot_fields
    inner join {{ ref('int_snapshots') }} as snapshots
        on
            snapshot_fields.kind = snapshots.kind
            and snapshot_fields.snapshot_date = snapshots.snapshot_date
    where snapshot_fields.records > 0
)

select
    'The field ' || field || ' of ' || kind || ' is filled in '
    || cast(round(100 * share_filled, 1) as {{ dbt.type_string() }}) || '% of the records of '
    || cast(snapshot_date as {{ dbt.type_string() }}) || ', and was in '
    || cast(round(100 * share_filled_before, 1) as {{ dbt.type_string() }})
    || '% of the snapshot before: the Hub may have changed it.' as reason
from shares
where is_newest and share_filled_before - share_filled > {{ var('max_loss_of_a_field') }}
