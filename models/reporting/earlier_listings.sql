-- An archive names each of its files; who credits it names the archive: its address without the file's place in it.
with

obtained as (
    select
        kind,
        snapshot_date,
        licence,
        case
            when archive_date is null then obtained_from
            else regexp_replace(obtained_from, '(/(models|datasets)/[^/]+)?/(models|datasets)[.]parquet$', '')
        end as obtained_from
    from {{ ref('int_snapshots') }}
    where
        coalesce(obtained_from, licence) is not null
        -- The source of the whole page is named as such.
        and not (is_newest and kind = 'models')
)

select
    kind,
    obtained_from,
    licence,
    min(snapshot_date) as first_snapshot_date,
    max(snapshot_date) as last_snapshot_date
from obtained
group by kind, obtained_from, licence
