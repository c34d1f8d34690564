-- The one place where it is decided which snapshots count: every model reads its snapshots here.
with

loaded as (
    select
        kind,
        snapshot_date,
        crawled_from,
        is_synthetic,
        lead(snapshot_date) over (partition by kind order by snapshot_date) as next_snapshot_date
    from {{ ref('stg_hub__snapshots') }}
),

counting as (
    select *
    from loaded
    {% if var('as_of') -%}
        where snapshot_date <= cast('{{ var("as_of") }}' as date)
    {%- endif %}
),

newest as (
    select
        kind,
        max(snapshot_date) as snapshot_date
    from counting
    group by kind
)

select
    counting.kind,
    counting.snapshot_date,
    counting.next_snapshot_date,
    counting.crawled_from,
    counting.is_synthetic,
    counting.snapshot_date = newest.snapshot_date as is_newest
from counting
inner join newest on counting.kind = newest.kind
