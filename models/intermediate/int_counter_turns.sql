-- Kept, so that a build compares the new snapshots only, however many there are.
{% set version = compared_snapshots() + ['kind', 'next_snapshot_date', 'next_loaded_at'] %}
{% set relation = 'int_counter_snapshots' %}
{% set counter, known = ['downloads_all_time'], 'listings.downloads_all_time is not null' %}
{{ config(partition_by=partition_by_date('snapshot_date'), **kept_by_snapshot(version, relation)) }}

{% for kind in ['models', 'datasets'] -%}
    {% set kind_loop = loop -%}
    {% set missing = missing_snapshots(version, "kind = '" ~ kind ~ "'", relation) -%}
    {% for batch in batches(missing, ['kind', 'snapshot_date'], relation) -%}
        select
            snapshots.{{ version | join(',\n            snapshots.') }},
            here.repository_key,
            here.downloads_all_time,
            earlier.downloads_all_time as previous_downloads_all_time,
            later.downloads_all_time as next_downloads_all_time
        from ({{ batch }}) as snapshots
        inner join (
            {{ listings_of_snapshots(kind, batch, missing, 'snapshot_date', ['created_at'] + counter, known) }}
        ) as here
            on snapshots.snapshot_date = here.snapshot_date
        left join (
            {{ listings_of_snapshots(kind, batch, missing, 'previous_snapshot_date', counter, known) }}
        ) as earlier
            on
                here.snapshot_date = earlier.snapshot_date
                and here.repository_key = earlier.repository_key
        left join (
            {{ listings_of_snapshots(kind, batch, missing, 'next_snapshot_date', counter, known) }}
        ) as later
            on
                here.snapshot_date = later.snapshot_date
                and here.repository_key = later.repository_key
        where
            here.downloads_all_time < earlier.downloads_all_time
            or (snapshots.next_snapshot_date is not null and later.repository_key is null)
            -- One that was created since has no earlier counter.
            or (
                snapshots.previous_snapshot_date is not null
                and earlier.repository_key is null
                and coalesce(cast(here.created_at as date) < snapshots.previous_snapshot_date, true)
            )
        {% if not (loop.last and kind_loop.last) -%}
            {{ next_batch() }}
        {% endif -%}
    {% endfor -%}
{% endfor -%}
