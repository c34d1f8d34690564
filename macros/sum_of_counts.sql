{#
    Aggregate: the sum of counters that come from strangers' records, as INT64; null where there are only nulls.

    Each is at most 10^15, so that ten thousand of them can pass INT64: BigQuery then refuses the sum, DuckDB the cast. It is
    summed in floating point, exact up to 9e15, and ends at 9e18. The same SQL on both engines.
#}
{% macro sum_of_counts(counter) -%}
cast(case when sum(1e0 * {{ counter }}) > 9e18 then 9e18 else sum(1e0 * {{ counter }}) end as int64)
{%- endmacro %}
