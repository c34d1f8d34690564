with

listings as (
    select
        snapshot_date,
        dataset_key
    from {{ ref('int_dataset_listings') }}
),

languages as (
    select
        snapshot_date,
        dataset_key,
        count(*) as languages
    from {{ ref('int_dataset_languages') }}
    where is_declared
    group by snapshot_date, dataset_key
),

tasks as (
    select
        snapshot_date,
        dataset_key,
        count(*) as tasks
    from {{ ref('int_dataset_tasks') }}
    where is_declared
    group by snapshot_date, dataset_key
),

open_ones as (
    select distinct
        tags.snapshot_date,
        tags.dataset_key
    from {{ ref('int_dataset_tags') }} as tags
    inner join {{ ref('licences') }} as licences on tags.value = licences.licence_id
    where tags.family = 'license' and licences.is_open
)

select
    listings.snapshot_date,
    listings.dataset_key,
    coalesce(languages.languages, 0) as languages,
    coalesce(tasks.tasks, 0) as tasks,
    open_ones.dataset_key is not null as has_open_licence
from listings
left join languages
    on
        listings.snapshot_date = languages.snapshot_date
        and listings.dataset_key = languages.dataset_key
left join tasks
    on
        listings.snapshot_date = tasks.snapshot_date
        and listings.dataset_key = tasks.dataset_key
left join open_ones
    on
        listings.snapshot_date = open_ones.snapshot_date
        and listings.dataset_key = open_ones.dataset_key
