{#
    Query: how many datasets of each snapshot have the same tags of some families, by snapshot_date, loaded_at and tag_set.

    datasets is the staging model, snapshots a query of snapshots. The same SQL on both engines.
#}
{% macro count_tag_sets(families, datasets, snapshots) -%}
select
    snapshot_date,
    loaded_at,
    tag_set,
    count(*) as datasets
from (
    select
        snapshots.snapshot_date,
        snapshots.loaded_at,
        {{ tags_of_families('listings.tags', families) }} as tag_set
    from ({{ snapshots }}) as snapshots
    inner join {{ datasets }} as listings
        on snapshots.snapshot_date = listings.snapshot_date
    where {{ in_partitions('listings.snapshot_date', snapshots, 'snapshot_date') }}
) as tag_sets
group by snapshot_date, loaded_at, tag_set
{%- endmacro %}
