with

source as (
    select * from {{ source('hub', 'model_parameters') }}
),

renamed as (
    select
        -- keys
        _id as model_key,
        id as model_id,

        -- what the file's header says
        status,
        method,
        parameters as header_parameters,
        error,

        -- effort
        files,
        bytes_read,
        requests,

        -- times
        {{ utc_timestamp('fetched_at') }} as fetched_at,
        {{ utc_timestamp('last_modified') }} as last_modified_at
    from source
)

select * from renamed
