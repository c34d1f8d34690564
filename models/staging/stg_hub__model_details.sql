with

source as (
    select * from {{ source('hub', 'model_details') }}
),

renamed as (
    select
        -- keys
        _id as model_key,
        id as model_id,

        -- what only the page of the model says
        status,
        used_storage as used_storage_bytes,
        spaces,
        error,

        -- effort
        requests,

        -- times
        {{ utc_timestamp('fetched_at') }} as fetched_at,
        {{ utc_timestamp('last_modified') }} as last_modified_at
    from source
)

select * from renamed
