{#
    Settings of a model that keeps what it made of each snapshot, by the columns that say what a row of it was made from.
    Goes with missing_snapshots.
#}
{% macro kept_by_snapshot(columns, relation='int_snapshots') -%}
{{ return({
    'materialized': 'incremental',
    'on_schema_change': 'fail',
    'tags': ['kept_by_snapshot'],
    'pre_hook': '{{ delete_outdated_snapshots(' ~ columns ~ ', "' ~ relation ~ '") }}',
}) }}
{%- endmacro %}
