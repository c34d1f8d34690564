{#
    Hook of an incremental model: deletes what it made from snapshots that have been loaded again since, have another
    neighbour, or no longer count. missing_snapshots then finds them missing, so that the model ends up as if it were built
    from nothing.

    It deletes by all columns, and so nothing that missing_snapshots found there before: on BigQuery in_partitions asks when
    the model is compiled, which is before the hook.
#}
{% macro delete_outdated_snapshots(columns, relation='int_snapshots') -%}
{%- if is_incremental() -%}
delete from {{ this }}
where ({{ columns | join(', ') }}) in (
    select ({{ columns | join(', ') }})
    from (
        select {{ columns | join(', ') }} from {{ this }}
        except distinct
        select {{ columns | join(', ') }} from {{ ref(relation) }}
    ) as outdated
)
{%- endif -%}
{%- endmacro %}
