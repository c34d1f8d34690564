with

tag_sets as (
    select * from {{ ref('int_dataset_tag_keys') }}
),

languages as (
    select
        tag_set_key,
        count(*) as languages
    from {{ ref('int_dataset_languages') }}
    where is_declared
    group by tag_set_key
),

tasks as (
    select
        tag_set_key,
        count(*) as tasks
    from {{ ref('int_dataset_tasks') }}
    where is_declared
    group by tag_set_key
),

open_ones as (
    select distinct tags.tag_set_key
    from {{ ref('int_dataset_tags') }} as tags
    inner join {{ ref('licences') }} as licences on tags.value = licences.licence_id
    where tags.family = 'license' and licences.is_open
)

select
    tag_sets.snapshot_date,
    tag_sets.tag_set_key,
    tag_sets.datasets,
    coalesce(languages.languages, 0) as languages,
    coalesce(tasks.tasks, 0) as tasks,
    open_ones.tag_set_key is not null as has_open_licence
from tag_sets
left join languages on tag_sets.tag_set_key = languages.tag_set_key
left join tasks on tag_sets.tag_set_key = tasks.tag_set_key
left join open_ones on tag_sets.tag_set_key = open_ones.tag_set_key
