with

newest as (
    select max(month) as month
    from marts.new_models_by_intended_use
    where is_complete_month
)

select
    uses.month,
    uses.category_name,
    uses.task_name,
    uses.new_models,
    uses.share_of_declared
from marts.new_models_by_intended_use as uses
inner join newest on uses.month = newest.month
where uses.task <> 'not-declared' and uses.new_models > 0
order by uses.new_models desc, uses.task_name
