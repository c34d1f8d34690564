{#
    Query: of each model, the newest reading of a separate run that did not fail and that belongs to the newest snapshot
    that counts, being older than the next one. So as_of shows what was known then.

    readings is the staging model of the run, snapshots is int_snapshots. The same SQL on both engines.
#}
{% macro newest_readings(readings, snapshots) -%}
select *
from (
    select
        readings.*,
        row_number() over (
            partition by readings.model_key
            order by readings.fetched_at desc, readings.status
        ) as recency
    from {{ readings }} as readings
    cross join {{ snapshots }} as snapshots
    where
        readings.status <> 'failed'
        and snapshots.kind = 'models'
        and snapshots.is_newest
        and (
            snapshots.next_snapshot_date is null
            or cast(readings.fetched_at as date) < snapshots.next_snapshot_date
        )
) as ranked
where recency = 1
{%- endmacro %}
