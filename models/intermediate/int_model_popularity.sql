-- What no later listing gives back. Kept, so that a build reads the new snapshots only, however many there are.
{% set version = ['snapshot_date', 'loaded_at'] %}
{% set missing = missing_snapshots(version, "kind = 'models'") %}
{{ config(partition_by=partition_by_date('snapshot_date'), cluster_by=['model_key'], **kept_by_snapshot(version)) }}

{% for batch in batches(missing, ['snapshot_date'], where="kind = 'models'") -%}
    select
        snapshots.snapshot_date,
        snapshots.loaded_at,
        listings.model_key,
        listings.model_id,
        listings.downloads,
        listings.likes
    from ({{ batch }}) as snapshots
    inner join {{ ref('int_keyed_models') }} as listings
        on snapshots.snapshot_date = listings.snapshot_date
    where
        {{ in_partitions('listings.snapshot_date', missing, 'snapshot_date') }}
        and (
            listings.downloads >= {{ var('history_from_downloads') }}
            or listings.likes >= {{ var('history_from_likes') }}
        )
    {% if not loop.last -%}
        {{ next_batch() }}
    {% endif -%}
{% endfor -%}
