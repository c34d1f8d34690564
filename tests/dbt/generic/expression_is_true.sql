{#
    What holds in every row. A row where it cannot be known, because of a null, passes. The alias
    keeps a column apart from a table of the same name, which BigQuery would take it for.
#}
{% test expression_is_true(model, expression) %}

select *
from {{ model }} as tested
where not ({{ expression }})

{% endtest %}
