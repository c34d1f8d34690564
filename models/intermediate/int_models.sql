with

models as (
    select * from {{ ref('int_model_parameters') }}
),

recurring_names as (
    select * from {{ ref('int_recurring_names') }}
),

tasks as (
    select * from {{ ref('int_tasks') }}
),

sizes as (
    select * from {{ ref('int_model_sizes') }}
),

spans as (
    select * from {{ ref('int_listing_spans') }}
),

first_snapshot as (
    select min(snapshot_date) as snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models'
),

joined as (
    select
        models.model_key,
        models.model_id,
        models.publisher,
        models.created_at,
        coalesce(
            case
                when recurring_names.model_key is null then spans.newly_listed_on
                else recurring_names.newly_listed_on
            end,
            first_snapshot.snapshot_date
        ) as first_snapshot_date,
        models.snapshot_date as last_snapshot_date,
        models.is_listed,
        -- Not coalesce(): a comparison with a missing date must also come out censored.
        case
            when cast(models.created_at as date) > cast('{{ var("censored_until") }}' as date) then false
            else true
        end as is_left_censored,
        coalesce(tasks.task, models.pipeline_tag, 'not-declared') as task,
        case
            when models.pipeline_tag is null then 'not-declared'
            else coalesce(tasks.category, 'other')
        end as category,
        models.relation,
        models.relation_source,
        case models.relation when 'none' then 'no_known_parent' else 'derived' end as population,
        sizes.moe_source,
        sizes.moe_source is not null as is_moe,
        models.parameter_source,
        models.parameters,
        models.parameter_use,
        sizes.active_parameters,
        sizes.effective_parameters,
        sizes.size_band,
        sizes.is_repeated_size,
        models.downloads,
        models.downloads_all_time,
        models.likes,
        models.licence
    from models
    inner join sizes on models.model_key = sizes.model_key
    cross join first_snapshot
    left join spans on models.model_key = spans.model_key
    left join recurring_names on models.model_key = recurring_names.model_key
    left join tasks on models.pipeline_tag = tasks.declared_task
)

select
    *,
    case
        when not is_left_censored then cast({{ dbt.date_trunc('month', 'created_at') }} as date)
    end as month
from joined
