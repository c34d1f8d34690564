{#
    Query: the snapshots that an incremental model does not hold yet, by the columns that say what a row of it was made from.

    Such a model keeps these columns in every row, among them when each snapshot that it read was loaded. So a snapshot that
    was loaded again, or got another neighbour, is missing like a new one, and months may come in any order. Goes with
    delete_outdated_snapshots. The relation is the model that says which snapshots, or pairs or months of them, there are.
#}
{% macro missing_snapshots(columns, where='true', relation='int_snapshots') -%}
select {{ columns | join(', ') }}
from {{ ref(relation) }}
where {{ where }}
{%- if is_incremental() %}
except distinct
select {{ columns | join(', ') }}
from {{ this }}
{%- endif %}
{%- endmacro %}
