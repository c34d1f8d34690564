with

sums as (
    select
        month,
        sum(new_models) as new_models,
        sum(share_of_all) as share_of_all,
        sum(share_of_declared) as share_of_declared,
        count(case when task = 'not-declared' then 1 end) as rows_not_declared
    from {{ ref('new_models_by_intended_use') }}
    group by month
)

select *
from sums
where
    rows_not_declared <> 1
    or abs(share_of_all - 1) > 1e-9
    or abs(share_of_declared - 1) > 1e-9
