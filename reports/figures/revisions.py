"""Section on how far the headlines move after they are first published."""

from reports import text
from reports.charts import DARKEST, Cell, heat_map
from reports.figures import findings_of_history as findings
from reports.figures.base import Column, Figure, Section, Table, column, words
from reports.report_data import ReportData, Row


def section(data: ReportData) -> Section:
    """The section on how firm the newest month is."""
    return Section(
        key="revisions", title="How firm is the newest month?", figures=[_revisions(data)]
    )


def _revisions(data: ReportData) -> Figure:
    rows = data.rows("revisions_of_headlines", "figure_order", "lag_months")
    shown = [
        row
        for row in rows
        if not row["is_share"] and row["relative_mean_absolute_revision"] is not None
    ]
    lags = sorted({row["lag_months"] for row in shown})
    most = max([DARKEST, *(row["relative_mean_absolute_revision"] for row in shown)])
    cells = {
        (row["figure_name"], findings.months(row["lag_months"])): Cell(
            text.share(row["relative_mean_absolute_revision"]),
            row["relative_mean_absolute_revision"] / most
            if row["observation_status"] == "A"
            else None,
        )
        for row in shown
    }
    return Figure(
        key="revisions_of_headlines",
        heading=findings.revisions(rows),
        unit="How far a month’s figure typically moved from the one first published, up or down, "
        "by time since then",
        shape="Table of typical moves by headline and time, the darker the larger.",
        chart=lambda width: heat_map(
            width,
            list(dict.fromkeys(row["figure_name"] for row in shown)),
            [findings.months(lag) for lag in lags],
            cells,
        ),
        table=Table(_COLUMNS, rows),
        sample=findings.trust(rows, data.limits.min_revisions) if rows else "",
        notes=_grey(shown, data.limits.min_revisions),
        extract="figure_revisions",
        missing="" if shown else _MISSING,
    )


_MISSING = (
    "No revision is known yet: no month has been published more than once by this method. It takes "
    "two monthly snapshots, each built when it was the newest. “make vintages” fills in the "
    "vintages of snapshots that were loaded later, such as those of “make history”."
)


def _grey(rows: list[Row], min_revisions: int) -> list[str]:
    """Explain the grey cells, where there are any."""
    if all(row["observation_status"] == "A" for row in rows):
        return []
    return [f"Grey: fewer than {min_revisions} months, too few to rely on."]


_COLUMNS = (
    words("Figure", "figure_name"),
    Column("After", lambda row: findings.months(row["lag_months"]), is_number=False),
    column("Months", "revisions"),
    column("Typical move", "relative_mean_absolute_revision", text.share),
    column("The same with its sign", "relative_mean_revision", text.share),
)
