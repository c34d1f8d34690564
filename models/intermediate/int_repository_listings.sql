-- A view: it is every listing, as narrow as flows and identities need.
{{ config(materialized='view') }}

{% for kind, name in {'models': 'model', 'datasets': 'dataset'}.items() -%}
    select
        '{{ kind }}' as kind,
        snapshot_date,
        {{ name }}_key as repository_key,
        {{ name }}_id as repository_id,
        created_at,
        downloads,
        downloads_all_time
    from {{ ref('int_keyed_' ~ kind) }}
    {% if not loop.last -%}
        union all
    {% endif -%}
{% endfor -%}
