-- Kept, so that a build reads what new snapshots no longer list only, and no other model reads older snapshots.
{% set version = compared_snapshots() %}
{% set missing = missing_snapshots(version, "kind = 'models' and previous_snapshot_date is not null") %}
{{ config(partition_by=partition_by_date('snapshot_date'), **kept_by_snapshot(version)) }}

with

pairs as (
    {{ missing }}
)

select
    changes.repository_key as model_key,
    pairs.{{ version | join(',\n    pairs.') }},
    listings.{{ listing_attributes() | join(',\n    listings.') }}
from pairs
inner join {{ ref('int_repository_changes') }} as changes
    on pairs.snapshot_date = changes.snapshot_date
inner join {{ ref('int_keyed_models') }} as listings
    on
        pairs.previous_snapshot_date = listings.snapshot_date
        and changes.repository_key = listings.model_key
where
    changes.kind = 'models'
    and changes.repository_id is null
    and {{ in_partitions('changes.snapshot_date', missing, 'snapshot_date', 'int_snapshots') }}
    and {{ in_partitions('listings.snapshot_date', missing, 'previous_snapshot_date', 'int_snapshots') }}
