-- Kept, so that a build reads the new snapshots only, however many there are.
{% set version = ['kind', 'snapshot_date', 'loaded_at'] %}
{% set fields = {
    'models': [
        'author', 'created_at', 'last_modified_at', 'pipeline_tag', 'library_name', 'tags', 'gated',
        'safetensors_parameters', 'safetensors_total', 'gguf_total', 'downloads', 'likes',
    ],
    'datasets': [
        'author', 'created_at', 'last_modified_at', 'tags', 'gated', 'downloads', 'likes',
    ],
} %}
{{ config(**kept_by_snapshot(version)) }}

with

{% for kind in fields -%}
    {% set missing = missing_snapshots(version, "kind = '" ~ kind ~ "'") %}
    missing_{{ kind }} as (
        {{ missing }}
    ),

    {{ kind }} as (
        select
            snapshots.snapshot_date,
            snapshots.loaded_at,
            {% for field in fields[kind] -%}
                count({{ "nullif(listings.tags, '[]')" if field == 'tags' else 'listings.' ~ field }}) as {{ field }},
            {% endfor -%}
            count(*) as records
        from missing_{{ kind }} as snapshots
        inner join {{ ref('stg_hub__' ~ kind) }} as listings
            on snapshots.snapshot_date = listings.snapshot_date
        where {{ in_partitions('listings.snapshot_date', missing, 'snapshot_date') }}
        group by snapshots.snapshot_date, snapshots.loaded_at
    ){{ ',' if not loop.last }}

{% endfor -%}

{% for kind in fields -%}
    {% set outer_loop = loop -%}
    {% for field in fields[kind] -%}
        select
            '{{ kind }}' as kind,
            snapshot_date,
            loaded_at,
            '{{ field }}' as field,
            records,
            {{ field }} as filled
        from {{ kind }}
        {% if not (loop.last and outer_loop.last) -%}
            union all
        {% endif -%}
    {% endfor -%}
{% endfor -%}
