-- The children of a class of parents are divided among the classes of their own licences, and each edge is in one cell.
with

parents as (
    select
        year,
        relation,
        parent_licence_class,
        sum(edges) as edges,
        sum(share_of_parents_edges) as share
    from {{ ref('licence_transitions') }}
    group by year, relation, parent_licence_class
),

counted as (
    select sum(edges) as edges
    from parents
),

lineage as (
    select count(*) as edges
    from {{ ref('int_lineage_edges') }}
)

select
    parents.year,
    parents.relation,
    parents.parent_licence_class,
    parents.share,
    counted.edges as edges_counted,
    lineage.edges as edges_of_all
from parents
cross join counted
cross join lineage
where
    abs(parents.share - 1) > 1e-9
    or counted.edges <> lineage.edges
