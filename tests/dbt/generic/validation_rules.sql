{#
    The rules of a table, in one test of it, since each test costs a build the same, however small. It fails on a line for each
    rule that is broken, with the number of rows; a row that breaks several is counted under the first.

    Args:
        grain: columns in which no two rows agree. Readers of the manifest learn there what tells rows apart.
        unique: further columns without a repeated value; nulls do not count.
        not_null: columns that have a value in every row.
        accepted_values: the values of a column, by its name; null is accepted.
        expressions: what holds in every row, by the name of the rule. Where a null keeps it from being known, it holds.
#}
{% test validation_rules(model, grain, unique=[], not_null=[], accepted_values={}, expressions={}) %}

{{ config(fail_calc='coalesce(sum(failures), 0)') }}

{%- set rules = [] -%}
{%- for column in not_null -%}
    {%- do rules.append((column ~ ' is null', column ~ ' has no value')) -%}
{%- endfor -%}
{%- for column, values in accepted_values.items() -%}
    {%- do rules.append((
        column ~ " not in ('" ~ values | join("', '") ~ "')", column ~ ' has another value than ' ~ values | join(', ')
    )) -%}
{%- endfor -%}
{%- for name, expression in expressions.items() -%}
    {%- do rules.append(('not (' ~ expression ~ ')', name ~ ' does not hold')) -%}
{%- endfor -%}

{#- The alias keeps a column apart from a table of the same name, which BigQuery would take it for. -#}
select
    'rows repeat {{ grain | join(', ') }}' as reason,
    count(*) as failures
from (
    select {{ grain | join(', ') }} from {{ model }} as tested
    group by {{ grain | join(', ') }}
    having count(*) > 1
) as repeated
having count(*) > 0
{% for column in unique %}
union all
select
    'rows repeat {{ column }}' as reason,
    count(*) as failures
from (
    select {{ column }} from {{ model }} as tested
    where {{ column }} is not null
    group by {{ column }}
    having count(*) > 1
) as repeated
having count(*) > 0
{% endfor %}
{%- if rules %}
union all
select
    reason,
    count(*) as failures
from (
    select case {% for broken, reason in rules %}
        when {{ broken }} then '{{ reason }}'{% endfor %}
    end as reason
    from {{ model }} as tested
) as broken
where reason is not null
group by reason
{% endif %}

{% endtest %}
