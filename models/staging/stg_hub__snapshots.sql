-- Its first step is not called source as elsewhere: on BigQuery the column of that name would mean the whole row.
with

loaded as (
    select * from {{ source('hub', 'snapshots') }}
),

renamed as (
    select
        -- keys
        kind,
        snapshot_date,

        -- where it comes from
        source as crawled_from,
        is_synthetic,
        is_forced,
        {{ column_or_null(source('hub', 'snapshots'), 'overruled', dbt.type_string()) }} as overruled,
        -- Only a folder of records can be a part, and only newer loads say so.
        coalesce(
            {{ column_or_null(source('hub', 'snapshots'), 'is_complete', dbt.type_boolean()) }}, true
        ) as is_complete,
        {{ column_or_null(source('hub', 'snapshots'), 'obtained_from', dbt.type_string()) }} as obtained_from,
        {{ column_or_null(source('hub', 'snapshots'), 'licence', dbt.type_string()) }} as licence,
        {{ column_or_null(source('hub', 'snapshots'), 'archive_date', 'date') }} as archive_date,
        {{ column_or_null(source('hub', 'snapshots'), 'archive_revision', dbt.type_string()) }} as archive_revision,
        {{ column_or_null(source('hub', 'snapshots'), 'is_frozen', dbt.type_boolean()) }} as is_frozen,

        -- counts
        records,
        rejects,
        without_created_at,
        {{ column_or_null(source('hub', 'snapshots'), 'tags_cut', 'int64') }} as tags_cut,
        pages,
        requests,
        rate_limited,
        bytes,

        -- times
        {{ utc_timestamp('crawl_started_at') }} as crawl_started_at,
        {{ utc_timestamp('crawl_finished_at') }} as crawl_finished_at,
        {{ utc_timestamp('loaded_at') }} as loaded_at
    from loaded
)

select * from renamed
