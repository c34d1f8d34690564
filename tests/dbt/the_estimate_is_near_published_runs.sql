-- How the estimate of a training cost fares on the runs whose cost is known, where it is not used. Each run of the
-- tests prints the figures that docs/methodology.md gives in section 5. The bounds leave room for another run in the
-- seed, and none for half or twice the FLOP.
{% set groups = [
    ('all', 'true'),
    ('priced by chip-hours', "cost_basis = 'chip_hours'"),
    ('by the published sum', "cost_basis = 'published_sum'"),
    ('under 1 billion parameters at a time', 'active_parameters < 1e9'),
    ('1 to 10 billion', 'active_parameters >= 1e9 and active_parameters < 1e10'),
    ('10 billion and more', 'active_parameters >= 1e10'),
] %}
{% set measure -%}
with

ratios as (
    select
        cost_basis,
        active_parameters,
        estimated_cost_usd_central / published_cost_usd as ratio,
        published_cost_usd between estimated_cost_usd_low and estimated_cost_usd_high as is_in_range
    from {{ ref('int_published_run_estimates') }}
),

grouped as (
    {% for name, condition in groups -%}
        select
            {{ loop.index }} as place,
            '{{ name }}' as which,
            ratio,
            is_in_range
        from ratios
        where {{ condition }}
        {{ 'union all' if not loop.last }}
    {% endfor -%}
)

select
    place,
    which,
    count(*) as runs,
    {{ quantile('ratio', 0.5) }} as median_ratio,
    count(case when ratio between 1 / 3e0 and 3 then 1 end) / count(*) as within_a_factor_of_3,
    count(case when ratio between 0.1 and 10 then 1 end) / count(*) as within_a_factor_of_10,
    count(case when is_in_range then 1 end) / count(*) as between_low_and_high
from {{ with_ranks('grouped', ['ratio'], ['place', 'which']) }} as grouped
group by place, which
{%- endset %}

{% if execute and flags.WHICH in ('build', 'test') %}
    {{ log('Estimated / published cost of training runs:', info=true) }}
    {% for measured in run_query(measure ~ ' order by place').rows %}
        {{ log(
            '  ' ~ measured['which'] ~ ', ' ~ measured['runs'] ~ ': median '
            ~ '%.2f' | format(measured['median_ratio']) ~ '; '
            ~ '%.0f%%' | format(100 * measured['within_a_factor_of_3']) ~ ' within a factor of 3, '
            ~ '%.0f%%' | format(100 * measured['within_a_factor_of_10']) ~ ' of 10; '
            ~ '%.0f%%' | format(100 * measured['between_low_and_high']) ~ ' between low and high',
            info=true
        ) }}
    {% endfor %}
{% endif %}

select *
from ({{ measure }}) as measured
where
    which = 'all'
    and not (
        median_ratio between 0.22 and 0.42
        and within_a_factor_of_3 >= 0.4
        and within_a_factor_of_10 >= 0.7
    )
