with

tag_sets as (
    select * from {{ ref('int_dataset_tag_sets') }}
),

languages as (
    select
        tag_set,
        count(*) as languages
    from {{ ref('int_dataset_languages') }}
    where is_declared
    group by tag_set
),

tasks as (
    select
        tag_set,
        count(*) as tasks
    from {{ ref('int_dataset_tasks') }}
    where is_declared
    group by tag_set
),

open_ones as (
    select distinct tags.tag_set
    from {{ ref('int_dataset_tags') }} as tags
    inner join {{ ref('licences') }} as licences on tags.value = licences.licence_id
    where tags.family = 'license' and licences.is_open
)

select
    tag_sets.snapshot_date,
    tag_sets.tag_set,
    tag_sets.datasets,
    coalesce(languages.languages, 0) as languages,
    coalesce(tasks.tasks, 0) as tasks,
    open_ones.tag_set is not null as has_open_licence
from tag_sets
left join languages on tag_sets.tag_set = languages.tag_set
left join tasks on tag_sets.tag_set = tasks.tag_set
left join open_ones on tag_sets.tag_set = open_ones.tag_set
