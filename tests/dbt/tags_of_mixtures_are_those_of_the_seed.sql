-- The list in the macro mixture_of_experts_tags and the decisive rows of its seed say the same.
with

in_seed as (
    select distinct lower(model_type) as tag
    from {{ ref('mixture_of_experts_types') }}
    where is_decisive
),

in_macro as (
    {% for tag in mixture_of_experts_tags() %}
        select '{{ tag }}' as tag{{ ' union all' if not loop.last }}
    {% endfor %}
)

select
    in_seed.tag as only_in_seed,
    in_macro.tag as only_in_macro
from in_seed
full join in_macro on in_seed.tag = in_macro.tag
where in_seed.tag is null or in_macro.tag is null
