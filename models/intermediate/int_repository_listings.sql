-- A view: it is every listing, as narrow as flows and identities need.
{{ config(materialized='view') }}

{% for kind, name in {'models': 'model', 'datasets': 'dataset'}.items() -%}
    select
        '{{ kind }}' as kind,
        listings.snapshot_date,
        coalesce(listings.{{ name }}_key, keyless.repository_key, listings.{{ name }}_id) as repository_key,
        listings.{{ name }}_id as repository_id,
        listings.created_at,
        listings.downloads,
        listings.downloads_all_time
    from {{ ref('stg_hub__' ~ kind) }} as listings
    left join {{ ref('int_keyless_repositories') }} as keyless
        on
            keyless.kind = '{{ kind }}'
            and listings.snapshot_date = keyless.snapshot_date
            and listings.{{ name }}_id = keyless.repository_id
    {% if not loop.last -%}
        union all
    {% endif -%}
{% endfor -%}
