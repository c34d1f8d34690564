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
)

select
    classes.size_band,
    cast(classes.class_order as int64) as class_order,
    cast(classes.parameters_from as int64) as parameters_from,
    cast(classes.parameters_to as int64) as parameters_to,
    cast(counted.models as int64) as models,
    counted.downloads,
    cast(counted.models / totals.models as {{ type_double() }}) as share_of_models,
    cast(counted.downloads / nullif(totals.downloads, 0) as {{ type_double() }}) as share_of_downloads
from classes
inner join counted on classes.size_band = counted.size_band
cross join totals
