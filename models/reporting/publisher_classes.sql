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
)

select
    cast(counted.class_order as int64) as class_order,
    cast(
        case counted.class_order
            {% for first in models_from -%}
                when {{ loop.revindex }} then {{ first }}
            {% endfor -%}
        end as int64
    ) as models_from,
    cast(
        case counted.class_order
            {% for first in models_from[:-1] -%}
                when {{ loop.revindex }} then {{ first - 1 }}
            {% endfor -%}
        end as int64
    ) as models_to,
    cast(counted.publishers as int64) as publishers,
    cast(counted.models as int64) as models,
    counted.downloads,
    cast(counted.publishers / totals.publishers as {{ type_double() }}) as share_of_publishers,
    cast(counted.models / totals.models as {{ type_double() }}) as share_of_models,
    cast(counted.downloads / nullif(totals.downloads, 0) as {{ type_double() }}) as share_of_downloads,
    cast(
        (counted.downloads - counted.most_downloads) / nullif(totals.downloads - counted.most_downloads, 0)
        as {{ type_double() }}
    ) as share_without_largest
from counted
cross join totals
