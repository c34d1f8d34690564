-- Quoted, since sqlfluff takes merges for a word of SQL.
{% set relations = {'adapter': 'adapters', 'finetune': 'finetunes', 'merge': 'merges', 'quantized': 'quantized'} %}

with

children as (
    select
        parent_key,
        {% for relation, column in relations.items() -%}
            sum(case when relation = '{{ relation }}' then 1 else 0 end) as {{ adapter.quote(column) }},
        {% endfor -%}
        count(*) as children
    from {{ ref('int_lineage_edges') }}
    group by parent_key
),

all_models as (
    select sum(downloads) as downloads
    from {{ ref('int_model_reach') }}
),

newest_snapshot as (
    select snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models' and is_newest
)

select
    models.model_key,
    models.model_id,
    models.publisher,
    coalesce(publishers.region, 'unknown') as region,
    models.created_at,
    models.is_listed,
    cast(children.children as int64) as children,
    {% for column in relations.values() -%}
        cast(children.{{ column }} as int64) as {{ adapter.quote(column) }},
    {% endfor -%}
    reach.descendants,
    cast(reach.depth as int64) as depth,
    cast(reach.downloads as int64) as downloads,
    reach.reach_downloads,
    reach.reach_downloads / nullif(cast(all_models.downloads as {{ type_double() }}), 0.0) as share_of_all_reach,
    models.licence,
    models.parameters,
    newest_snapshot.snapshot_date,
    {{ method_version() }} as method_version
from children
inner join {{ ref('int_models') }} as models on children.parent_key = models.model_key
inner join {{ ref('int_model_reach') }} as reach on children.parent_key = reach.model_key
left join {{ ref('int_publishers') }} as publishers on models.publisher = publishers.publisher
cross join all_models
cross join newest_snapshot
