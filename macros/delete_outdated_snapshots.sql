{#
    Hook of an incremental model: deletes what it made from snapshots that have been loaded again since, have another
    neighbour, or no longer count. missing_snapshots then finds them missing, so that the model ends up as if it were built
    from nothing.
#}
{% macro delete_outdated_snapshots(columns) -%}
{%- if is_incremental() -%}
delete from {{ this }}
where snapshot_date in (
    select snapshot_date
    from (
        select {{ columns | join(', ') }} from {{ this }}
        except distinct
        select {{ columns | join(', ') }} from {{ ref('int_snapshots') }}
    ) as outdated
)
{%- endif -%}
{%- endmacro %}
