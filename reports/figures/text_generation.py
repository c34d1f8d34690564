"""Section on text-generation models; the figures of their use are in a file of their own."""

from collections.abc import Callable
from typing import Any

from reports import text
from reports.charts import MAIN, Break, Scale, Series, time_series
from reports.figures import findings, text_generation_use
from reports.figures.base import Column, Figure, Section, Table, column, share_column
from reports.figures.notes import Marks
from reports.report_data import ReportData, Row

_EVER = (
    "Models whose task is text generation and that were seen in at least one listing, those since "
    "deleted included."
)


def section(data: ReportData) -> Section:
    """The section on models for text generation."""
    return Section(
        key="text-generation",
        title="Text generation: what came with ChatGPT?",
        figures=[
            _weekly(data),
            _share(data),
            _cumulative(data),
            *text_generation_use.figures(data),
        ],
    )


def _weekly(data: ReportData) -> Figure:
    rows = data.rows("text_generation_by_week", "week")
    return Figure(
        key="text_generation_weekly",
        heading=findings.text_generation_pace(rows, is_complete=data.is_complete),
        unit="New text-generation models per week",
        shape="Line chart by week, with a line at the release of ChatGPT.",
        chart=_by_week(rows, "new_models", text.count),
        table=_weeks(rows, column("New models", "new_models"), _OF_ALL),
        sample=_EVER,
        notes=_notes(data, rows),
        extract="text_generation_weekly",
    )


_OF_ALL = share_column("Of all new models", "share_of_all", lambda row: row["all_models"])


def _share(data: ReportData) -> Figure:
    # The share of a week with fewer models is mostly chance, and not on the chart.
    limit = data.limits.min_values
    rows = [
        row | {"share_of_all": row["share_of_all"] if row["all_models"] >= limit else None}
        for row in data.rows("text_generation_by_week", "week")
    ]
    return Figure(
        key="text_generation_share",
        heading=findings.text_generation_share(rows, is_complete=data.is_complete),
        unit="Text-generation models as a share of all new models, by week",
        shape="Line chart by week, with a line at the release of ChatGPT.",
        chart=_by_week(
            [row for row in rows if row["is_complete_week"]], "share_of_all", text.share
        ),
        table=_weeks(rows, column("All new models", "all_models"), _OF_ALL),
        sample=_EVER + " Most models name no task, so the true share of text generation is higher.",
        notes=[
            *_notes(data, [row for row in rows if row["is_complete_week"]]),
            f"No point: fewer than {limit} new models in the week.",
        ],
        extract="text_generation_weekly",
    )


def _cumulative(data: ReportData) -> Figure:
    rows = data.rows("text_generation_by_week", "week")
    return Figure(
        key="text_generation_cumulative",
        heading=findings.text_generation_total(rows),
        unit="Text-generation models, cumulative",
        shape="Line chart by week of a growing total, with a line at the release of ChatGPT.",
        chart=_by_week(rows, "cumulative_models", text.rounded),
        table=_weeks(rows, column("Models", "cumulative_models")),
        sample=f"{_EVER} Those from before {text.month(data.limits.censored_until)}, when the Hub "
        "began to store dates, count from the start.",
        notes=_notes(data, rows),
        extract="text_generation_weekly",
    )


def _by_week(rows: list[Row], field: str, label: Callable[[float], str]) -> Callable[[int], Any]:
    running = [(row["week"], row[field]) for row in rows if not row["is_complete_week"]]
    points = [(row["week"], row[field]) for row in rows if row["is_complete_week"]]
    series = Series("", MAIN, points, running=running[0] if running else None)
    turning_point = [Break(row["week"], "ChatGPT") for row in rows if row["is_after_chatgpt"]][:1]
    breaks = [*turning_point, *_changes_of_labels(rows).breaks]
    return lambda width: time_series(width, [series], Scale(label), breaks=breaks)


def _changes_of_labels(rows: list[Row]) -> Marks:
    marks = Marks()
    if rows:
        marks.add_known("tasks", rows[0]["week"], rows[-1]["week"])
    return marks


def _weeks(rows: list[Row], *figures: Column) -> Table:
    def week(row: Row) -> str:
        return text.full_date(row["week"]) + ("" if row["is_complete_week"] else ", running")

    return Table([Column("Week from", week, is_number=False), *figures], rows[::-1])


def _notes(data: ReportData, rows: list[Row]) -> list[str]:
    notes = []
    if any(row["is_after_chatgpt"] for row in rows):
        notes.append(
            "Dashed line “ChatGPT”: the first week that began after its release. Not all of the "
            "change is its doing: there were more new models of every kind, too."
        )
    notes += _changes_of_labels(rows).notes
    if not all(row["is_complete_week"] for row in rows):
        notes.append(
            f"Hollow dot: the week that was still running on {text.full_date(data.snapshot_date)}."
        )
    return notes
