-- Sorted and cut, not ranked, as top_models.
with

most as (
    select
        model_id,
        is_listed,
        licence,
        children,
        descendants,
        depth,
        downloads,
        reach_downloads,
        share_of_all_reach
    from {{ ref('base_models') }}
    order by reach_downloads desc, descendants desc, model_id
    limit {{ var('shown_models') }}
)

select
    cast(row_number() over (order by reach_downloads desc, descendants desc, model_id) as int64) as reach_rank,
    *
from most
