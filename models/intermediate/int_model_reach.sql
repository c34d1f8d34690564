with

-- What is gone has no downloads of its own, and passes on those of what is built on it.
models as (
    select
        model_key,
        case when is_listed then coalesce(downloads, 0) else 0 end as downloads
    from {{ ref('int_models') }}
),

descendants as (
    select
        lineage.ancestor_key,
        {{ exact_sum('lineage.fraction', 12) }} as descendants,
        max(lineage.generations) as depth,
        {{ exact_sum('lineage.fraction * models.downloads', 12) }} as downloads
    from {{ ref('int_lineage') }} as lineage
    inner join models on lineage.model_key = models.model_key
    group by lineage.ancestor_key
),

with_parents as (
    select distinct model_key
    from {{ ref('int_lineage_edges') }}
)

select
    models.model_key,
    with_parents.model_key is null as is_root,
    models.downloads,
    coalesce(descendants.descendants, 0.0) as descendants,
    coalesce(descendants.depth, 0) as depth,
    models.downloads + coalesce(descendants.downloads, 0.0) as reach_downloads
from models
left join descendants on models.model_key = descendants.ancestor_key
left join with_parents on models.model_key = with_parents.model_key
