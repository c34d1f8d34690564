-- What the dataset marts rest on, of every snapshot: many datasets have the same tags. Kept, so that a build reads the
-- new snapshots only, however many there are. It holds tags as they are and no definition, so that a new definition
-- reaches all snapshots without a full refresh.
{% set version = ['snapshot_date', 'loaded_at'] %}
{% set missing = missing_snapshots(version, "kind = 'datasets'") %}
{{ config(partition_by=partition_by_date('snapshot_date'), **kept_by_snapshot(version)) }}

{{ count_tag_sets(['language', 'task_categories', 'license'], ref('stg_hub__datasets'), missing) }}
