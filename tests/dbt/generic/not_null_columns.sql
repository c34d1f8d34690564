{# No row lacks a value in any of these columns: one test of a seed, since each costs a build the same, however small. #}
{% test not_null_columns(model, columns) %}

select *
from {{ model }}
where {{ columns | join(' is null or ') }} is null

{% endtest %}
