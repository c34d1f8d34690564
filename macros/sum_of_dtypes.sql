{#
    Parameters in a map of number formats, all or those of some formats; null where there is no
    map.

    The map is JSON text: [{"dtype": "BF16", "parameters": 123}, ...]. Summed in floating
    point, since strangers' numbers can overflow an integer; exact far beyond the largest number
    that counts as valid.

    BigQuery: a subquery over the entries. DuckDB: list functions, because a subquery would
    become a join.
#}
{% macro sum_of_dtypes(entries, dtypes=none) %}
    {{ return(adapter.dispatch('sum_of_dtypes', 'hub_observatory')(entries, dtypes)) }}
{% endmacro %}

{% macro default__sum_of_dtypes(entries, dtypes) %}{{ not_on_this_engine('sum_of_dtypes') }}{% endmacro %}

{% macro bigquery__sum_of_dtypes(entries, dtypes) -%}
(
    select sum(cast(json_value(entry, '$.parameters') as float64))
    from unnest(json_query_array({{ entries }})) as entry
    {% if dtypes %}where json_value(entry, '$.dtype') in ('{{ dtypes | join("', '") }}'){% endif %}
)
{%- endmacro %}

{% macro duckdb__sum_of_dtypes(entries, dtypes) -%}
list_sum(
    list_transform(
        from_json({{ entries }}, '[{"dtype": "VARCHAR", "parameters": "DOUBLE"}]'),
        lambda entry:
            {% if dtypes -%}
                case when entry['dtype'] in ('{{ dtypes | join("', '") }}') then entry['parameters'] end
            {%- else -%}
                entry['parameters']
            {%- endif %}
    )
)
{%- endmacro %}
