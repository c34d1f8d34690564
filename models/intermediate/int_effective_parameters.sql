{% set limits = var('min_parameters') ~ ' and ' ~ var('max_parameters') %}
{# From above: where a band ends, the next begins. #}
{% set bands = [
    (100, '100b_and_more'), (35, '35b_to_100b'), (10, '10b_to_35b'), (4, '4b_to_10b'), (1, '1b_to_4b'), (0, 'under_1b'),
] %}

with

models as (
    select
        model_key,
        model_id,
        created_at,
        parameters,
        parameter_use
    from {{ ref('int_models') }}
),

counted as (
    select *
    from models
    where parameter_use = 'counted'
),

-- One step up and no further: a parent that is a copy itself has no size to lend.
parents as (
    select
        declared.model_key,
        counted.parameters,
        row_number() over (
            partition by declared.model_key order by counted.created_at nulls first, counted.model_key
        ) as place
    from {{ ref('int_declared_parents') }} as declared
    inner join counted on declared.parent_name = counted.model_id and declared.model_key <> counted.model_key
),

effective as (
    select
        models.model_key,
        case
            when models.parameter_use = 'counted' then models.parameters
            -- Of a packed file too: it counts parameters, and not the numbers that they are stored in.
            when listings.gguf_total between {{ limits }} then listings.gguf_total
            else parents.parameters
        end as effective_parameters
    from models
    left join {{ ref('int_model_listings') }} as listings on models.model_key = listings.model_key
    left join parents on models.model_key = parents.model_key and parents.place = 1
)

select
    model_key,
    cast(effective_parameters as int64) as effective_parameters,
    case
        {% for billions, band in bands -%}
            when effective_parameters >= {{ billions }}e9 then '{{ band }}'
        {% endfor -%}
        else 'not-known'
    end as size_band
from effective
