{# Condition that goes with a join on the newest snapshot's date, for the sake of in_partitions. #}
{% macro in_newest_partition(snapshot_date, kind) -%}
{%- set newest -%}
    select snapshot_date from {{ ref('int_snapshots') }} where is_newest and kind = '{{ kind }}'
{%- endset -%}
{{ in_partitions(snapshot_date, newest, 'snapshot_date') }}
{%- endmacro %}
