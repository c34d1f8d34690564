-- A view: a row for each month.
{{ config(materialized='view') }}

with

dips as (
    select
        kind,
        snapshot_date,
        count(*) as dips
    from {{ ref('int_counter_dips') }}
    group by kind, snapshot_date
),

parts as (
    select
        reads.kind,
        reads.month,
        reads.snapshot_date,
        concat(
            cast(reads.snapshot_date as string), ' of ', cast(reads.loaded_at as string), ' without ',
            cast(coalesce(dips.dips, 0) as string)
        ) as part
    from {{ ref('int_flow_reads') }} as reads
    left join dips
        on
            reads.kind = dips.kind
            and reads.snapshot_date = dips.snapshot_date
)

select
    kind,
    month,
    -- Each repository's downloads carry it, so it is to be short.
    {{ text_key(dbt.listagg('part', "', '", 'order by snapshot_date')) }} as read_from
from parts
group by kind, month
