{#
    Expression: the year of a model's creation as text, before-2022-03 for what the Hub kept no date of.

    Args:
        models: what int_models is called in the query.
#}
{% macro year_created(models) -%}
case
    when {{ models }}.is_left_censored then 'before-2022-03'
    else cast(extract(year from {{ models }}.created_at) as {{ dbt.type_string() }})
end
{%- endmacro %}
