{#
    Aggregate over the publishers of a cell: the variance of a mean of n values that are no independent draws, since one publisher
    uploads many: G/(G-1) times the sum over publishers of (sum of their values - number of them * mean)^2, by n^2. Null where there
    is a single publisher. Source: the cluster-robust variance of a mean (Liang and Zeger 1986).

    sums and counts are columns with a publisher's sum and number of values; mean is the cell's.
#}
{% macro clustered_variance(sums, counts, mean) -%}
count(*) / nullif(count(*) - 1, 0)
* {{ exact_sum('pow(' ~ sums ~ ' - ' ~ counts ~ ' * ' ~ mean ~ ', 2)', scale=12) }}
/ pow(sum({{ counts }}), 2)
{%- endmacro %}
