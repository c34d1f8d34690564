-- Which models each snapshot lists and the one before it did not. Kept, so that a build compares the new snapshots
-- only, however many there are.
{{ config(partition_by=partition_by_date('snapshot_date'), **kept_by_snapshot(compared_snapshots())) }}

{{ listing_changes('snapshot_date', 'previous_snapshot_date', condition='others.model_key is null') }}
