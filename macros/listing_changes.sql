{#
    Query: what one of two neighbouring snapshots of models lists and the other one does not list so, with compared_snapshots. A
    build compares the snapshots only that the model does not hold yet.

    listed and other name the two: snapshot_date is the newer one, previous_snapshot_date the earlier one. The condition is on
    listings, a row of the first, and others, the same model's row of the second, null where it has none.
#}
{% macro listing_changes(listed, other, condition, columns=[]) -%}
{%- set missing = missing_snapshots(compared_snapshots(), "kind = 'models' and previous_snapshot_date is not null") -%}
with

comparisons as (
    {{ missing }}
),

others as (
    select
        listings.model_key,
        listings.model_id,
        comparisons.snapshot_date
    from comparisons
    inner join {{ ref('int_keyed_models') }} as listings
        on comparisons.{{ other }} = listings.snapshot_date
    where {{ in_partitions('listings.snapshot_date', missing, other) }}
)

select
    listings.model_key,
    comparisons.{{ compared_snapshots() | join(',\n    comparisons.') }}
    {%- for column in columns %},
    listings.{{ column }}
    {%- endfor %}
from comparisons
inner join {{ ref('int_keyed_models') }} as listings
    on comparisons.{{ listed }} = listings.snapshot_date
left join others
    on
        listings.model_key = others.model_key
        and comparisons.snapshot_date = others.snapshot_date
where
    {{ condition }}
    and {{ in_partitions('listings.snapshot_date', missing, listed) }}
{%- endmacro %}
