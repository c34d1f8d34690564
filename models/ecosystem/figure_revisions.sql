-- How far figures moved from what was first published of their month. A first publication is of the month that follows
-- (lag 0): of a month that was over long before the first snapshot, nobody knows what would have been published.
with

newest_snapshot as (
    select snapshot_date
    from {{ ref('int_snapshots') }}
    where kind = 'models' and is_newest
),

vintages as (
    select
        vintages.figure,
        vintages.month,
        vintages.unit,
        vintages.lag_months,
        vintages.value,
        newest_snapshot.snapshot_date,
        -- Of several snapshots in a month, the first: with one a month, that of the same day.
        row_number() over (
            partition by vintages.figure, vintages.month, vintages.lag_months order by vintages.vintage
        ) as number_in_month
    from {{ ref('figure_vintages') }} as vintages
    -- With as_of, later vintages do not count.
    inner join newest_snapshot on vintages.vintage <= newest_snapshot.snapshot_date
    where
        vintages.is_complete_month
        and vintages.is_complete_listing
        and {{ comparable_method('vintages.method_version') }} = {{ comparable_method(method_version()) }}
),

first_values as (
    select
        figure,
        month,
        value
    from vintages
    where lag_months = 0 and number_in_month = 1
),

revisions as (
    select
        later.figure,
        later.lag_months,
        later.unit,
        later.snapshot_date,
        first_values.value as first_value,
        later.value - first_values.value as revision
    from vintages as later
    inner join first_values
        on later.figure = first_values.figure and later.month = first_values.month
    -- A value that is suppressed, then or first, is no revision.
    where
        later.lag_months > 0
        and later.number_in_month = 1
        and later.value is not null
        and first_values.value is not null
)

select
    figure,
    lag_months,
    unit,
    cast(count(*) as int64) as revisions,
    cast({{ exact_average('revision') }} as {{ type_double() }}) as mean_revision,
    cast({{ exact_average('abs(revision)') }} as {{ type_double() }}) as mean_absolute_revision,
    cast(
        {{ exact_sum('abs(revision)') }} / nullif({{ exact_sum('abs(first_value)') }}, 0)
        as {{ type_double() }}
    ) as relative_mean_absolute_revision,
    {{ observation_status('true', is_low_reliability='count(*) < ' ~ var('min_revisions')) }} as observation_status,
    snapshot_date,
    {{ method_version() }} as method_version
from revisions
group by figure, lag_months, unit, snapshot_date
