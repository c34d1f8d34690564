{#
    Query: 95 % intervals of the median and of the mean logarithm of a positive value in each cell of int_month_cells, for values
    that are no independent draws: a publisher's uploads count together. Nulls do not count.

    Columns: cell_id, publishers, median_ci_low, median_ci_high, mean_ln, standard_error_ln; the intervals are null where there is a single
    publisher. The median's interval is Woodruff's (1952): m is the value of rank ceil(n/2), p the share of values up to m, v the
    clustered variance of p, h = 1.96 sqrt(v); it runs from the quantile at 0.5 - h to that at 0.5 + h, within 0 and 1.

    models has the columns cell_id and publisher_key.
#}
{% macro clustered_intervals(models, value) -%}
with

known as (
    select
        cell_id,
        publisher_key,
        {{ value }} as value
    from {{ models }}
    where {{ value }} is not null
),

-- Ranks count from the largest value.
ranked as (
    select *
    from {{ with_ranks('known', ['value'], ['cell_id'], p_varies=true) }} as known
),

middles as (
    select
        cell_id,
        max(case when value_rank = value_count + 1 - ceil(value_count / 2) then value end) as middle,
        {{ exact_average('ln(value)') }} as mean_ln
    from ranked
    group by cell_id
),

by_publisher as (
    select
        ranked.cell_id,
        ranked.publisher_key,
        max(middles.mean_ln) as mean_ln,
        count(*) as value_count,
        {{ exact_sum('ln(ranked.value)') }} as sum_ln,
        count(case when ranked.value <= middles.middle then 1 end) as up_to_middle
    from ranked
    inner join middles on ranked.cell_id = middles.cell_id
    group by ranked.cell_id, ranked.publisher_key
),

shares as (
    select
        cell_id,
        sum(up_to_middle) / sum(value_count) as share_up_to_middle
    from by_publisher
    group by cell_id
),

clustered as (
    select
        by_publisher.cell_id,
        count(*) as publishers,
        max(mean_ln) as mean_ln,
        sqrt({{ clustered_variance('sum_ln', 'value_count', 'mean_ln') }}) as standard_error_ln,
        1.96 * sqrt({{ clustered_variance('up_to_middle', 'value_count', 'share_up_to_middle') }}) as half_width
    from by_publisher
    inner join shares on by_publisher.cell_id = shares.cell_id
    group by by_publisher.cell_id
),

bounded as (
    select
        *,
        -- Not greatest() and least() of what may be null: DuckDB passes nulls over there.
        case when half_width > 0.5 then 0 else 0.5 - half_width end as low_share,
        case when half_width > 0.5 then 1 else 0.5 + half_width end as high_share
    from clustered
),

with_bounds as (
    select
        ranked.*,
        bounded.publishers,
        bounded.mean_ln,
        bounded.standard_error_ln,
        bounded.low_share,
        bounded.high_share
    from ranked
    inner join bounded on ranked.cell_id = bounded.cell_id
)

select
    cell_id,
    max(publishers) as publishers,
    max(mean_ln) as mean_ln,
    max(standard_error_ln) as standard_error_ln,
    {{ quantile('value', 'low_share') }} as median_ci_low,
    {{ quantile('value', 'high_share') }} as median_ci_high
from with_bounds
group by cell_id
{%- endmacro %}
