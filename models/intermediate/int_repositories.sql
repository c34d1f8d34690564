with

newest_datasets as (
    select
        datasets.dataset_key as repository_key,
        {{ publisher_of('datasets.author', 'datasets.dataset_id') }} as publisher,
        datasets.created_at
    from {{ ref('int_keyed_datasets') }} as datasets
    inner join {{ ref('int_snapshots') }} as snapshots
        on datasets.snapshot_date = snapshots.snapshot_date
    where
        snapshots.kind = 'datasets'
        and snapshots.is_newest
        and {{ in_newest_partition('datasets.snapshot_date', 'datasets') }}
),

-- Of what is gone the name is kept, which has the author before the slash.
delisted_datasets as (
    select
        changes.repository_key,
        {{ value_at('latest', 'changes.previous_repository_id', 'changes.snapshot_date') }} as dataset_id,
        max(changes.created_at) as created_at
    from {{ ref('int_repository_changes') }} as changes
    left join newest_datasets on changes.repository_key = newest_datasets.repository_key
    where
        changes.kind = 'datasets'
        and changes.repository_id is null
        and newest_datasets.repository_key is null
    group by changes.repository_key
),

repositories as (
    select
        'models' as kind,
        model_key as unit_key,
        publisher,
        created_at,
        is_listed
    from {{ ref('int_models') }}
    union all
    -- Its creation is that of the model that has its name now.
    select
        'models' as kind,
        former.unit_key,
        models.publisher,
        cast(null as timestamp) as created_at,
        false as is_listed
    from {{ ref('int_former_holders') }} as former
    inner join {{ ref('int_models') }} as models on former.model_key = models.model_key
    union all
    select
        'datasets' as kind,
        repository_key as unit_key,
        publisher,
        created_at,
        true as is_listed
    from newest_datasets
    union all
    select
        'datasets' as kind,
        datasets.repository_key as unit_key,
        {{ publisher_of('null', 'datasets.dataset_id') }} as publisher,
        datasets.created_at,
        false as is_listed
    from delisted_datasets as datasets
    left join {{ ref('int_repository_keys') }} as older
        on
            older.kind = 'datasets'
            and datasets.repository_key = older.repository_key
    -- What another key continues is that one.
    where older.repository_key is null
),

numbered as (
    select
        *,
        -- No publisher's name begins with a slash.
        coalesce(publisher, '/' || unit_key) as publisher_key,
        row_number() over (order by kind, unit_key) as unit_number
    from repositories
)

-- Forty million downloads are grouped by numbers in half the memory of names.
select
    kind,
    unit_key,
    unit_number,
    publisher,
    min(unit_number) over (partition by kind, publisher_key) as publisher_number,
    created_at,
    case
        when cast(created_at as date) > cast('{{ var("censored_until") }}' as date)
            then cast({{ dbt.date_trunc('month', 'created_at') }} as date)
    end as created_month,
    is_listed
from numbered
