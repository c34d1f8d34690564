-- A view: mostly it has no row.
{{ config(materialized='view') }}

with

contents as (
    select
        *,
        without_key < repositories as has_keys
    from {{ ref('int_snapshot_contents') }}
    {% if var('as_of') -%}
        where snapshot_date <= cast('{{ var("as_of") }}' as date)
    {%- endif %}
),

neighbours as (
    select
        keyless.kind,
        keyless.snapshot_date,
        keyless.loaded_at,
        max(case when keyed.snapshot_date < keyless.snapshot_date then keyed.snapshot_date end) as keyed_before,
        min(case when keyed.snapshot_date > keyless.snapshot_date then keyed.snapshot_date end) as keyed_after
    from contents as keyless
    inner join contents as keyed
        on
            keyless.kind = keyed.kind
            and keyless.snapshot_date <> keyed.snapshot_date
            and keyed.has_keys
    where keyless.without_key > 0
    group by keyless.kind, keyless.snapshot_date, keyless.loaded_at
)

select
    neighbours.*,
    before.loaded_at as keyed_before_loaded_at,
    after.loaded_at as keyed_after_loaded_at
from neighbours
left join contents as before
    on neighbours.kind = before.kind and neighbours.keyed_before = before.snapshot_date
left join contents as after
    on neighbours.kind = after.kind and neighbours.keyed_after = after.snapshot_date
