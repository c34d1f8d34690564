-- A snapshot that was crawled after its day, or over one that was, stays worth a look however old it is.
select
    'The snapshot of ' || kind || ' for ' || cast(snapshot_date as {{ dbt.type_string() }})
    || ' was loaded although a check refused it (' || coalesce(overruled, 'row_count') || ').' as reason
from {{ ref('int_snapshots') }}
where
    (is_newest and (is_forced or overruled is not null))
    or overruled like '%crawled_later%'
