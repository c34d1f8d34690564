"""How many models appear."""

from reports import text
from reports.charts import GREY, MAIN, Scale, time_series
from reports.edition import Edition, Row
from reports.figures import findings
from reports.figures.base import (
    MONTH,
    Column,
    Figure,
    Marks,
    Section,
    Table,
    line,
    newest,
    newest_first,
    running_note,
)

_SAMPLE = (
    "All public models of the Hub, those since deleted included; the months before the first "
    "snapshot hold only the models that were still there."
)


def section(edition: Edition) -> Section:
    rows = edition.rows("new_models")
    everything = [row for row in rows if row["population"] == "all"]
    return Section(
        key="growth",
        title="How many new models are there?",
        figures=[_monthly(edition, rows, everything), _cumulative(edition, everything)],
    )


def headline(edition: Edition) -> tuple[str, str, str]:
    """Title, value and remark for the summary."""
    rows = [row for row in edition.rows("new_models") if row["population"] == "all"]
    row = newest(rows)
    if row is None:
        return "New models", "–", "no month is complete yet"
    return "New models", text.count(row["new_models"]), findings.change_in_a_year(row)


def _monthly(edition: Edition, rows: list[Row], everything: list[Row]) -> Figure:
    reliable = [row for row in rows if row["is_relation_reliable"]]
    original = [row for row in reliable if row["population"] == "no_known_parent"]
    marks = Marks()
    if reliable and reliable[0]["month"] > rows[0]["month"]:
        marks.add(
            reliable[0]["month"],
            "from here on owners name the models that theirs were made from, and models with no "
            "known parent can be told apart.",
        )
    return Figure(
        key="new_models",
        heading=findings.new_models(everything),
        unit="New models per month",
        description=(
            "Line chart of new models per month: all models, and from 2024 on those with no known "
            f"parent. {findings.new_models(everything)}."
        ),
        chart=lambda width: time_series(
            width,
            [
                line("All models", GREY, everything, "new_models"),
                line("No known\nparent", MAIN, original, "new_models"),
            ],
            Scale(text.count),
            breaks=marks.breaks,
        ),
        table=Table(
            [
                MONTH,
                Column("New models", lambda row: text.count(row["new_models"])),
                Column(
                    "Change on a year before", lambda row: text.share(row["year_over_year_change"])
                ),
                Column("Since removed", lambda row: text.count(row["removed_models"])),
                Column("Publishers", lambda row: text.count(row["publishers"])),
                Column(
                    "Largest publisher",
                    lambda row: text.plain(row["top_publisher"]) or "–",
                    is_number=False,
                ),
                Column("Its share", lambda row: text.share(row["top_publisher_share"])),
            ],
            newest_first(everything),
        ),
        sample=_SAMPLE,
        notes=[*marks.notes, *running_note(rows, edition.snapshot_date)],
        extract="new_models",
    )


def _cumulative(edition: Edition, everything: list[Row]) -> Figure:
    return Figure(
        key="cumulative_models",
        heading=findings.cumulative_models(everything),
        unit="Models ever put on the Hub, cumulative",
        description=f"Line chart of a growing total. {findings.cumulative_models(everything)}.",
        chart=lambda width: time_series(
            width,
            [line("All models", MAIN, everything, "cumulative_models")],
            Scale(text.rounded),
        ),
        table=Table(
            [MONTH, Column("Models", lambda row: text.count(row["cumulative_models"]))],
            newest_first(everything),
        ),
        sample=_SAMPLE + " Models from before March 2022, when the Hub began to store dates, count "
        "from the start.",
        notes=running_note(everything, edition.snapshot_date),
        extract="new_models",
    )
