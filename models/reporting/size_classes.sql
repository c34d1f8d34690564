{% set bands = size_bands() %}

with

classes as (
    {% for billions, band in bands | reverse -%}
        select
            '{{ band }}' as size_band,
            {{ loop.index }} as class_order,
            {{ billions * 1000000000 }} as parameters_from,
            {{ 'cast(null as int64)' if loop.last else bands[loop.revindex0 - 1][0] * 1000000000 }}
                as parameters_to
        union all
    {% endfor -%}
    select
        'not-known' as size_band,
        {{ bands | length + 1 }} as class_order,
        cast(null as int64) as parameters_from,
        cast(null as int64) as parameters_to
),

counted as (
    select
        size_band,
        count(*) as models,
        {{ sum_of_counts('downloads') }} as downloads
    from {{ ref('int_models') }}
    where is_listed
    group by size_band
),

totals as (
    select
        sum(models) as models,
        {{ sum_of_counts('downloads') }} as downloads
    from counted
),

-- A class without a model has no downloads; one whose models have no counter is not known to have none.
classed as (
    select
        classes.*,
        coalesce(counted.models, 0) as models,
        case when counted.models is null then 0 else counted.downloads end as downloads
    from classes
    left join counted on classes.size_band = counted.size_band
)

select
    classed.size_band,
    cast(classed.class_order as int64) as class_order,
    cast(classed.parameters_from as int64) as parameters_from,
    cast(classed.parameters_to as int64) as parameters_to,
    cast(classed.models as int64) as models,
    cast(classed.downloads as int64) as downloads,
    cast(classed.models / totals.models as {{ type_double() }}) as share_of_models,
    cast(classed.downloads / nullif(totals.downloads, 0) as {{ type_double() }}) as share_of_downloads
from classed
cross join totals
-- Of nothing there are no shares.
where totals.models > 0
