{#
    Operation: prints the dates of the loaded snapshots of models that lack a vintage of this method, or one of its figures, a
    line each, oldest first. It reads nothing that a build aside has in schemas of its own, and drops these first: a killed run
    may have left them, of another version of the code perhaps.
#}
{% macro print_missing_vintages() %}
    {%- do drop_schemas_aside() -%}
    {%- set vintages = load_relation(ref('figure_vintages')) -%}
    {%- set query -%}
        with

        vintages as (
            {% if vintages -%}
                select
                    vintage,
                    count(distinct figure) as figures
                from {{ vintages }}
                where {{ comparable_method('method_version') }} = {{ comparable_method(method_version()) }}
                group by vintage
            {%- else -%}
                select
                    cast(null as date) as vintage,
                    0 as figures
            {%- endif %}
        )

        select cast(snapshots.snapshot_date as {{ dbt.type_string() }}) as snapshot_date
        from {{ source('hub', 'snapshots') }} as snapshots
        left join vintages on snapshots.snapshot_date = vintages.vintage
        where
            snapshots.kind = 'models'
            and (
                vintages.figures is null
                or vintages.figures < (select max(others.figures) from vintages as others)
            )
        order by snapshot_date
    {%- endset -%}
    {%- for row in run_query(query).rows -%}
        {%- do print(row[0]) -%}
    {%- endfor -%}
{% endmacro %}
