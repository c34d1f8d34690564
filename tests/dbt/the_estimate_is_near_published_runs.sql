-- How the estimate of a training cost fares on the runs whose cost is known, where it is not used. Each run of the
-- tests prints the figures that docs/methodology.md gives in section 5. The bounds leave room for another run in the
-- seed, and none for half or twice the FLOP.
{% set measure -%}
with

ratios as (
    select
        estimated_cost_usd_central / published_cost_usd as ratio,
        published_cost_usd between estimated_cost_usd_low and estimated_cost_usd_high as is_in_range
    from {{ ref('int_published_run_estimates') }}
)

select
    count(*) as runs,
    {{ quantile('ratio', 0.5) }} as median_ratio,
    count(case when ratio between 1 / 3e0 and 3 then 1 end) / count(*) as within_a_factor_of_3,
    count(case when ratio between 0.1 and 10 then 1 end) / count(*) as within_a_factor_of_10,
    count(case when is_in_range then 1 end) / count(*) as between_low_and_high
from {{ with_ranks('ratios', ['ratio']) }} as ratios
{%- endset %}

{% if execute and flags.WHICH in ('build', 'test') %}
    {% set measured = run_query(measure).rows[0] %}
    {{ log(
        'Estimated / published cost of ' ~ measured['runs'] ~ ' training runs: median '
        ~ '%.2f' | format(measured['median_ratio']) ~ '; '
        ~ '%.0f %%' | format(100 * measured['within_a_factor_of_3']) ~ ' within a factor of 3, '
        ~ '%.0f %%' | format(100 * measured['within_a_factor_of_10']) ~ ' of 10; '
        ~ '%.0f %%' | format(100 * measured['between_low_and_high']) ~ ' between low and high',
        info=true
    ) }}
{% endif %}

select *
from ({{ measure }}) as measured
where not (
    median_ratio between 0.45 and 0.65
    and within_a_factor_of_3 >= 0.4
    and within_a_factor_of_10 >= 0.7
)
