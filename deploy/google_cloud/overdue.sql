-- Fails once the newest load of a listing is older than 35 days: a scheduled query asks it each day, since nothing else
-- of Google's can watch for something that does not happen for longer than 23.5 hours. A month that is loaded again from
-- its pages is no news, so the time of its crawl counts.
select
    if(
        min(loaded_at) >= timestamp_sub(current_timestamp(), interval 35 day),
        'fresh',
        error(concat(
            'Hub Observatory: the newest load is over 35 days old: ',
            coalesce(cast(min(loaded_at) as string), 'nothing was ever loaded')
        ))
    ) as state
from (
    select
        kind,
        max(least(loaded_at, crawl_finished_at)) as loaded_at
    from `__DATASET__`.snapshots
    group by kind
) as newest
