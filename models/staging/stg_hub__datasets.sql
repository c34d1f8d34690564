with

source as (
    select * from {{ source('hub', 'datasets') }}
),

renamed as (
    select
        -- keys
        snapshot_date,
        -- Some archives of earlier listings have none, which the raw table has as an empty text.
        nullif(_id, '') as dataset_key,
        id as dataset_id,

        -- what its owner says of it
        author,
        tags,
        gated,
        private as is_private,
        disabled as is_disabled,

        -- use
        downloads,
        downloads_all_time,
        likes,
        trending_score,

        -- times
        {{ utc_timestamp('created_at') }} as created_at,
        {{ utc_timestamp('last_modified') }} as last_modified_at
    from source
    -- A crawl with a token can list the token owner's private repositories.
    where coalesce(private, false) = false
)

select * from renamed
