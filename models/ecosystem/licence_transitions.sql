with

licences as (
    select * from {{ ref('int_model_licences') }}
),

newest_snapshot as (
    select snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models' and is_newest
),

pairs as (
    select
        {{ year_created('models') }} as year,
        lineage.relation,
        parents.licence_class as parent_licence_class,
        children.licence_class as child_licence_class,
        count(*) as edges
    from {{ ref('int_lineage_edges') }} as lineage
    inner join {{ ref('int_models') }} as models on lineage.model_key = models.model_key
    inner join licences as children on lineage.model_key = children.model_key
    inner join licences as parents on lineage.parent_key = parents.model_key
    group by {{ year_created('models') }}, lineage.relation, parents.licence_class, children.licence_class
),

with_totals as (
    select
        *,
        sum(edges) over (partition by year, relation, parent_licence_class) as parents_edges
    from pairs
)

select
    with_totals.year,
    with_totals.relation,
    with_totals.parent_licence_class,
    with_totals.child_licence_class,
    cast(with_totals.edges as int64) as edges,
    cast(with_totals.edges as {{ type_double() }}) / with_totals.parents_edges as share_of_parents_edges,
    {{ observation_status(
        'true', is_low_reliability='with_totals.parents_edges < ' ~ var('min_values')
    ) }} as observation_status,
    newest_snapshot.snapshot_date,
    {{ method_version() }} as method_version
from with_totals
cross join newest_snapshot
