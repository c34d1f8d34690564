{#
    Makes a table as dbt does, but of batches one after another: in a single statement DuckDB would hold what it makes of each of
    them until all are done, which is the memory that batches are to save.
#}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql') -%}
{#- A unit test has the model in a query of its own. -#}
{%- set is_table = language == 'sql' and model.resource_type == 'model' -%}
{%- set batches = compiled_code.split(next_batch()) if is_table else [compiled_code] -%}
{{ dbt.duckdb__create_table_as(temporary, relation, batches[0], language, **kwargs) }}
{%- for batch in batches[1:] %};
insert into {{ relation.include(database=(not temporary), schema=(not temporary)) }} (
{{ batch }}
)
{%- endfor -%}
{%- endmacro %}
