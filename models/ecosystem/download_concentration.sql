{% set largest = {10: 'top_10_share', 100: 'top_100_share', 1000: 'top_1000_share'} %}
{% set shares = largest.values() | list + ['top_1_percent_share'] %}

with

months as (
    select * from {{ ref('int_download_months') }}
),

units as (
    {% for kind, unit in [
        ('models', 'repository'), ('models', 'publisher'), ('models', 'family'),
        ('datasets', 'repository'), ('datasets', 'publisher'),
    ] -%}
        select
            '{{ kind }}' as kind,
            '{{ unit }}' as unit
        {% if not loop.last -%}
            union all
        {% endif -%}
    {% endfor -%}
),

counts as (
    select * from {{ ref('int_unit_counts') }}
),

-- Many units have the same downloads: one row for all of them, so that no order of them has to be made.
values_of_units as (
    select
        kind,
        month,
        'repository' as unit,
        downloads,
        count(*) as alike
    from {{ ref('int_monthly_downloads') }}
    where downloads > 0
    group by kind, month, downloads
    union all
    select
        kind,
        month,
        unit,
        downloads,
        count(*) as alike
    from {{ ref('int_unit_downloads') }}
    where downloads > 0
    group by kind, month, unit, downloads
),

ranked as (
    select
        *,
        sum(alike) over (
            partition by kind, month, unit order by downloads desc
            rows between unbounded preceding and current row
        ) - alike as larger,
        max(downloads) over (partition by kind, month, unit) as most_downloads,
        cast(ceil(sum(alike) over (partition by kind, month, unit) / 100.0) as int64) as one_percent
    from values_of_units
),

totals as (
    select
        kind,
        month,
        unit,
        sum(alike) as active_units,
        {{ exact_sum('alike * downloads', 6) }} as downloads,
        {% for number, share in largest.items() -%}
            {{ exact_sum('downloads * least(alike, greatest(' ~ number ~ ' - larger, 0))', 6) }} as {{ share }},
        {% endfor -%}
        {{ exact_sum('downloads * least(alike, greatest(one_percent - larger, 0))', 6) }} as top_1_percent_share,
        max(most_downloads) as most_downloads,
        -- In parts of the largest: the squares of a stranger's counters would be too many digits for an exact sum.
        {{ exact_sum('alike * pow(downloads / most_downloads, 2)', 24) }} as squares,
        -- The ranks of those that are alike add up to this, the largest unit having rank 1.
        {{ exact_sum('downloads * (alike * larger + alike * (alike + 1) / 2)', 6) }} as downloads_by_rank
    from ranked
    group by kind, month, unit
),

joined as (
    select
        months.month,
        months.kind,
        units.unit,
        months.has_flows,
        months.is_exact,
        months.observation_status,
        months.snapshot_date,
        case when months.has_flows then coalesce(counts.units, 0) end as units,
        case when months.has_flows then coalesce(totals.active_units, 0) end as active_units,
        case when months.has_flows then coalesce(totals.downloads, 0.0) end as downloads,
        {% for share in shares -%}
            totals.{{ share }} / totals.downloads as {{ share }},
        {% endfor -%}
        totals.squares * pow(totals.most_downloads, 2) / pow(totals.downloads, 2) as hhi,
        totals.downloads_by_rank
    from months
    inner join units on months.kind = units.kind
    left join counts
        on
            months.kind = counts.kind
            and months.month = counts.month
            and units.unit = counts.unit
    left join totals
        on
            months.kind = totals.kind
            and months.month = totals.month
            and units.unit = totals.unit
)

select
    month,
    case kind when 'models' then 'model' else 'dataset' end as kind,
    unit,
    cast(units as int64) as units,
    cast(active_units as int64) as active_units,
    downloads,
    {{ shares | join(',\n    ') }},
    hhi,
    1 / hhi as effective_number,
    ((active_units + 1) * downloads - 2 * downloads_by_rank) / (active_units * downloads) as gini_active,
    ((units + 1) * downloads - 2 * downloads_by_rank) / (units * downloads) as gini_all,
    is_exact,
    observation_status,
    snapshot_date,
    {{ method_version() }} as method_version
from joined
