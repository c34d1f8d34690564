"""Section on the number of new models."""

from reports import text
from reports.charts import GREY, MAIN, Scale, time_series
from reports.figures import findings
from reports.figures.base import (
    MONTH,
    Figure,
    Section,
    Table,
    column,
    line,
    newest,
    newest_first,
    share_column,
    words,
)
from reports.figures.notes import Marks, running_note
from reports.report_data import ReportData, Row


def _sample(data: ReportData) -> str:
    counted = (
        "All public models seen in at least one listing"
        if data.is_complete
        else "All models in these records"
    )
    return (
        f"{counted}, including those deleted since; months before the first snapshot hold only "
        "the models that were still there."
    )


_CHANGE = share_column(
    "Change from a year earlier",
    "year_over_year_change",
    lambda row: min(row["new_models"], row["new_models_year_before"] or 0),
)
_OF_THE_CHANGE = (
    "The change from a year earlier compares fresh uploads with those still there at the first "
    "listing after them."
)


def section(data: ReportData) -> Section:
    """The section on how many new models there are."""
    rows = data.rows("new_models", "month", "population")
    everything = [row for row in rows if row["population"] == "all"]
    return Section(
        key="growth",
        title="How many new models are there?",
        figures=[_monthly(data, rows, everything), _cumulative(data, everything)],
    )


def headline(data: ReportData) -> tuple[str, str, str]:
    """Title, value and remark for the summary."""
    rows = [
        row for row in data.rows("new_models", "month", "population") if row["population"] == "all"
    ]
    title = "New models"
    row = newest(rows)
    if row is None:
        return title, "–", "no month is complete yet"
    return (
        title,
        text.count(row["new_models"]),
        "; ".join(
            filter(
                None,
                [
                    "all models",
                    findings.change_in_a_year(row) if data.is_complete else "",
                    f"by {text.count(row['publishers'])} publishers",
                    findings.burst(row),
                ],
            )
        ),
    )


def _monthly(data: ReportData, rows: list[Row], everything: list[Row]) -> Figure:
    original = [
        row
        for row in rows
        if row["population"] == "no_known_parent" and row["is_relation_reliable"]
    ]
    marks = Marks()
    marks.add_parents([*everything, *original])
    return Figure(
        key="new_models",
        heading=findings.new_models(everything, is_complete=data.is_complete),
        unit="New models per month",
        shape="Line chart by month of all new models and of those with no declared or detected "
        "parent.",
        chart=lambda width: time_series(
            width,
            [
                line("All models", GREY, everything, "new_models"),
                line("No parent\ndeclared or\ndetected", MAIN, original, "new_models"),
            ],
            Scale(text.count),
            breaks=marks.breaks,
        ),
        table=Table(
            [
                MONTH,
                column("New models", "new_models"),
                *([_CHANGE] if data.is_complete else []),
                column("Ever downloaded", "models_ever_downloaded"),
                column("Since removed", "removed_models"),
                column("Publishers", "publishers"),
                words("Largest publisher", "top_publisher"),
                share_column("Its share", "top_publisher_share", lambda row: row["new_models"]),
            ],
            newest_first(everything),
        ),
        sample=" ".join([_sample(data), *_behind(newest(everything))]),
        notes=[
            *marks.notes,
            *([_OF_THE_CHANGE] if data.is_complete else []),
            "No declared or detected parent does not mean original.",
            *running_note(rows, data.snapshot_date),
        ],
        extract="new_models",
    )


def _behind(row: Row | None) -> list[str]:
    """Say who uploaded the month's models, and how many were taken by anybody."""
    if row is None or not row["new_models"]:
        return []
    said = f"In {text.month(row['month'])}: {text.count(row['publishers'])} publishers"
    if row["top_publisher"]:
        said += (
            f"; the largest, {text.plain(row['top_publisher'], 40)}, has "
            f"{text.count(round(row['top_publisher_share'] * row['new_models']))} of "
            f"{text.count(row['new_models'])} models"
        )
    if row["models_ever_downloaded"] is not None:
        said += f"; {text.count(row['models_ever_downloaded'])} were ever downloaded"
    return [said + "."]


def _cumulative(data: ReportData, everything: list[Row]) -> Figure:
    return Figure(
        key="cumulative_models",
        heading=findings.cumulative_models(everything, is_complete=data.is_complete),
        unit="Models ever put on the Hub, cumulative",
        shape="Line chart by month of a growing total.",
        chart=lambda width: time_series(
            width,
            [line("All models", MAIN, everything, "cumulative_models")],
            Scale(text.rounded),
        ),
        table=Table(
            [MONTH, column("Models", "cumulative_models")],
            newest_first(everything),
        ),
        sample=_sample(data)
        + f" Models from before {text.month(data.limits.censored_until)}, when the Hub began to "
        "store dates, count from the start.",
        notes=running_note(everything, data.snapshot_date),
        extract="new_models",
    )
