{#
    Condition: whether a reading of a separate run belongs to the newest snapshot that counts, being older than the next one.
    So as_of shows what was known then. `snapshots` is int_snapshots.
#}
{% macro was_known(fetched_at, snapshots='snapshots') -%}
{{ snapshots }}.kind = 'models'
        and {{ snapshots }}.is_newest
        and (
            {{ snapshots }}.next_snapshot_date is null
            or cast({{ fetched_at }} as date) < {{ snapshots }}.next_snapshot_date
        )
{%- endmacro %}
