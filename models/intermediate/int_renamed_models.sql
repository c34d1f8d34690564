-- Which models each snapshot lists under another name than the one before it. Kept, so that a build compares the new
-- snapshots only, however many there are.
{{ config(partition_by=partition_by_date('snapshot_date'), **kept_by_snapshot(compared_snapshots())) }}

{{ listing_changes(
    'previous_snapshot_date', 'snapshot_date', condition='listings.model_id <> others.model_id', columns=[
        'model_id as previous_model_id', 'created_at',
    ]
) }}
