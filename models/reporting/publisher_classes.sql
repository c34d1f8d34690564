{# From above: where a class ends, the next begins. #}
{% set models_from = [1000, 100, 10, 2, 1] %}

with

publishers as (
    select
        publisher,
        count(*) as models,
        {{ sum_of_counts('downloads') }} as downloads,
        max(downloads) as most_downloads
    from {{ ref('int_models') }}
    where is_listed and publisher is not null
    group by publisher
),

classed as (
    select
        *,
        case
            {% for first in models_from -%}
                when models >= {{ first }} then {{ loop.revindex }}
            {% endfor -%}
        end as class_order
    from publishers
),

counted as (
    select
        class_order,
        count(*) as publishers,
        sum(models) as models,
        {{ sum_of_counts('downloads') }} as downloads,
        max(most_downloads) as most_downloads
    from classed
    group by class_order
),

totals as (
    select
        sum(publishers) as publishers,
        sum(models) as models,
        {{ sum_of_counts('downloads') }} as downloads
    from counted
),

classes as (
    {% for first in models_from -%}
        select
            {{ loop.revindex }} as class_order,
            {{ first }} as models_from,
            {{ 'cast(null as int64)' if loop.first else models_from[loop.index0 - 1] - 1 }} as models_to
        {{ 'union all' if not loop.last }}
    {% endfor -%}
),

-- A class without a publisher has no downloads; one whose models have no counter is not known to have none.
filled as (
    select
        classes.class_order,
        classes.models_from,
        classes.models_to,
        coalesce(counted.publishers, 0) as publishers,
        coalesce(counted.models, 0) as models,
        case when counted.publishers is null then 0 else counted.downloads end as downloads,
        case when counted.publishers is null then 0 else counted.most_downloads end as most_downloads
    from classes
    left join counted on classes.class_order = counted.class_order
)

select
    cast(filled.class_order as int64) as class_order,
    cast(filled.models_from as int64) as models_from,
    cast(filled.models_to as int64) as models_to,
    cast(filled.publishers as int64) as publishers,
    cast(filled.models as int64) as models,
    cast(filled.downloads as int64) as downloads,
    cast(filled.publishers / totals.publishers as {{ type_double() }}) as share_of_publishers,
    cast(filled.models / totals.models as {{ type_double() }}) as share_of_models,
    cast(filled.downloads / nullif(totals.downloads, 0) as {{ type_double() }}) as share_of_downloads,
    cast(
        (filled.downloads - filled.most_downloads) / nullif(totals.downloads - filled.most_downloads, 0)
        as {{ type_double() }}
    ) as share_without_largest
from filled
cross join totals
-- Of nothing there are no shares.
where totals.publishers > 0
