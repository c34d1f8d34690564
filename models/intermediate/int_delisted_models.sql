-- Which models each snapshot no longer lists, with what the one before it said of them: so that no other model reads
-- older snapshots. Kept, so that a build compares the new snapshots only, however many there are.
{{ config(partition_by=partition_by_date('snapshot_date'), **kept_by_snapshot(compared_snapshots())) }}

{{ listing_changes(
    'previous_snapshot_date', 'snapshot_date', condition='others.model_key is null', columns=listing_attributes()
) }}
