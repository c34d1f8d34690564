with

cells as (
    select
        parent_licence_class,
        child_licence_class,
        sum(edges) as edges
    from {{ ref('licence_transitions') }}
    group by parent_licence_class, child_licence_class
),

with_totals as (
    select
        *,
        sum(edges) over (partition by parent_licence_class) as parents_edges
    from cells
)

select
    parent_licence_class,
    child_licence_class,
    cast(edges as int64) as edges,
    cast(parents_edges as int64) as parents_edges,
    cast(edges as {{ type_double() }}) / parents_edges as share_of_parents_edges
from with_totals
