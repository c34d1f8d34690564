with

source as (
    select * from {{ source('hub', 'rejects') }}
),

renamed as (
    select
        -- keys
        kind,
        snapshot_date,
        page,
        position,

        -- what was wrong
        reason,
        detail,
        raw_text
    from source
)

select * from renamed
