{#
    Query: what the snapshots list that a column of a batch names, as rows of the batch's snapshot_date. Goes with batches and
    missing_snapshots, of one kind.
#}
{% macro listings_of_snapshots(kind, batch, missing, listed, columns, condition="true") -%}
select
    listing_snapshots.snapshot_date,
    listings.repository_key
    {%- for column in columns %},
    listings.{{ column }}
    {%- endfor %}
from ({{ batch }}) as listing_snapshots
inner join {{ ref('int_repository_listings') }} as listings
    on listing_snapshots.{{ listed }} = listings.snapshot_date
where
    listings.kind = '{{ kind }}'
    and {{ condition }}
    and {{ in_partitions('listings.snapshot_date', missing, listed) }}
{%- endmacro %}
