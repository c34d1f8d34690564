"""Section on how long models stay on the Hub."""

from reports import text
from reports.charts import DARKEST, Cell, heat_map
from reports.figures import findings_of_history as findings
from reports.figures.base import Column, Figure, Section, Table, column
from reports.report_data import ReportData, Row


def section(data: ReportData) -> Section:
    """The section on how many of a month's models are still there."""
    return Section(key="survival", title="How many of them stay?", figures=[_cohorts(data)])


def _cohorts(data: ReportData) -> Figure:
    rows = data.rows("survival_of_cohorts", "month", "lag_months")
    lags = sorted({row["lag_months"] for row in rows})
    cohorts = list(dict.fromkeys(text.month(row["month"]) for row in rows))
    most_lost = max([DARKEST, *(1 - row["survival"] for row in rows)])
    cells = {
        (text.month(row["month"]), findings.months(row["lag_months"])): Cell(
            f"{findings.percent(row['survival'])}\n{_bounds(row)}",
            (1 - row["survival"]) / most_lost if findings.is_firm(row) else None,
        )
        for row in rows
    }
    return Figure(
        key="survival_of_cohorts",
        heading=findings.survival(rows),
        unit="Share of a month’s models still listed, by time since the first listing after the "
        "month; below it the 95% interval; the darker, the more are gone",
        shape="Table of shares by month of creation and time, coloured by how many are gone.",
        chart=lambda width: heat_map(width, cohorts, [findings.months(lag) for lag in lags], cells),
        table=Table(_COLUMNS, rows[::-1]),
        sample="Models of the first listing after their month: what was deleted before it, within "
        "days or weeks, is not seen. A model counts as gone if no later listing has it.",
        notes=[
            "The interval treats publishers, not models, as independent: one publisher can remove "
            "many models at once.",
            *_grey(rows),
        ],
        extract="cohort_survival",
        missing="" if rows else _MISSING,
    )


_MISSING = (
    "No month’s models have been followed for a month yet: that takes two monthly listings after "
    "it. “make history” loads earlier listings from an archive."
)


def _grey(rows: list[Row]) -> list[str]:
    """Explain the grey cells, where there are any."""
    if all(findings.is_firm(row) for row in rows):
        return []
    return ["Grey: too few models or publishers for the share to be relied on."]


def _bounds(row: Row) -> str:
    if row["survival_ci_low"] is None:
        return ""
    return "–".join(f"{100 * row[f'survival_ci_{end}']:.1f}" for end in ("low", "high"))


_COLUMNS = (
    Column("Month", lambda row: text.month(row["month"]), is_number=False),
    Column("After", lambda row: findings.months(row["lag_months"]), is_number=False),
    column("Models in the first listing", "models_at_first"),
    Column("Still there", lambda row: findings.percent(row["survival"])),
    Column("95% interval", findings.interval),
    Column("Seen on", lambda row: text.full_date(row["observed_on"])),
)
