"""The study of text-generation models: their pace, use and popularity."""

from collections.abc import Callable
from typing import Any

from reports import text
from reports.charts import MAIN, Break, Bubble, Scale, Series, bubbles, time_series
from reports.figures import findings
from reports.figures.base import (
    ENOUGH,
    Column,
    Figure,
    Marks,
    Section,
    Table,
    column,
    of_all,
    share_bars,
    share_column,
)
from reports.report_data import ReportData, Row

_EVER = (
    "Models whose task is text generation and that were seen in at least one listing, those since "
    "deleted included."
)
# Under this the share of a week is mostly chance.
_ENOUGH_A_WEEK = 30
_LISTED = "Listed models whose task is text generation."
_DOWNLOADED = "Listed models whose task is text generation and whose downloads are known."
_NOT_BUILT = (
    "This database does not hold the study’s tables: 'dbt build' makes them (schema trends)."
)
_TOO_FEW = (
    "The Hub’s listing does not say how much storage a model uses and which Spaces use it. A "
    "separate run asks for each model, most downloaded first. So far it has asked about {}: "
    "too few to draw."
)
# The Hub of a folder has an address; the folder itself cannot be asked.
_ASK_ON = (
    " 'make details build report' with the same HUB asks on; for a folder, give the Hub’s address."
)


def section(data: ReportData) -> Section:
    return Section(
        key="text-generation",
        title="Text generation: what came with ChatGPT?",
        figures=[
            _weekly(data),
            _share(data),
            _cumulative(data),
            _storage(data),
            _downloads(data),
            _popularity(data),
        ],
    )


def _weekly(data: ReportData) -> Figure:
    rows = data.rows("text_generation_weekly")
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
        missing="" if rows else _NOT_BUILT,
    )


_OF_ALL = share_column("Of all new models", "share_of_all", lambda row: row["all_models"])


def _share(data: ReportData) -> Figure:
    # A week with fewer models has no share on the chart.
    rows = [
        row | {"share_of_all": row["share_of_all"] if row["all_models"] >= _ENOUGH_A_WEEK else None}
        for row in data.rows("text_generation_weekly")
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
        sample=_EVER + " Most models name no task, so that the share of text generation is higher "
        "than this.",
        notes=[
            *_notes(data, [row for row in rows if row["is_complete_week"]]),
            f"No point: fewer than {_ENOUGH_A_WEEK} new models in the week.",
        ],
        extract="text_generation_weekly",
        missing="" if rows else _NOT_BUILT,
    )


def _cumulative(data: ReportData) -> Figure:
    rows = data.rows("text_generation_weekly")
    return Figure(
        key="text_generation_cumulative",
        heading=findings.text_generation_total(rows),
        unit="Text-generation models, cumulative",
        shape="Line chart by week of a growing total, with a line at the release of ChatGPT.",
        chart=_by_week(rows, "cumulative_models", text.rounded),
        table=_weeks(rows, column("Models", "cumulative_models")),
        sample=_EVER + " Those from before March 2022, when the Hub began to store dates, count "
        "from the start.",
        notes=_notes(data, rows),
        extract="text_generation_weekly",
        missing="" if rows else _NOT_BUILT,
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
            "Dashed line “ChatGPT”: the first week that began after its release. What changed then "
            "is not all its doing: the number of all new models grew, too."
        )
    notes += _changes_of_labels(rows).notes
    if not all(row["is_complete_week"] for row in rows):
        notes.append(
            f"Hollow dot: the week that was still running on {text.full_date(data.snapshot_date)}."
        )
    return notes


def _storage(data: ReportData) -> Figure:
    rows = data.rows("storage_and_spaces")
    reach = next(iter(data.rows("storage_reach")), None)
    if reach is None:
        reached, missing, notes = "", _NOT_BUILT, []
    else:
        reached, missing, notes = _reached(reach), _too_few(reach), _outliers(reach)
    return Figure(
        key="storage_and_spaces",
        heading=findings.storage(rows),
        unit=f"Number of Spaces that use a model, by used storage; {_circles(rows)}",
        shape="Circles by used storage and number of Spaces, larger for more models and darker for "
        "more likes.",
        chart=_by_size(
            rows,
            lambda row: row["storage_step"],
            "spaces_step",
            lambda first, last: {
                3 * power - 0.5: text.storage(10.0 ** (power - 3))
                for power in range((first + 2) // 3, (last + 2) // 3 + 1)
            },
        ),
        table=Table(
            [
                Column("Used storage", lambda row: _storage_range(row["storage_step"])),
                Column("Spaces", lambda row: _range(row["spaces_step"])),
                *_MODELS_AND_LIKES,
            ],
            rows,
        ),
        sample=f"{_LISTED} Storage and Spaces are asked for model by model, most downloaded first"
        + (f": so far {reached}." if reached else "."),
        notes=notes,
        extract="text_generation_models",
        missing=missing,
    )


def _reached(reach: Row) -> str:
    asked, models, answered = (
        text.count(reach[f"models{which}"]) for which in ("_asked", "", "_answered")
    )
    return f"{asked} of {models} models, and the Hub gave both for {answered}"


def _too_few(reach: Row) -> str:
    """Why there is no chart; empty where there can be one."""
    if reach["models_answered"] >= ENOUGH:
        return ""
    return _TOO_FEW.format(_reached(reach)) + (
        _ASK_ON if reach["models_asked"] < reach["models"] else ""
    )


def _outliers(reach: Row) -> list[str]:
    if not reach["outliers"]:
        return []
    models = "model is" if reach["outliers"] == 1 else "models are"
    return [
        f"{text.count(reach['outliers'])} {models} left out as outliers: more storage than "
        f"99.9{text.NBSP}% of the others, above {text.storage(reach['largest_storage_gb'])}."
    ]


def _downloads(data: ReportData) -> Figure:
    rows = data.rows("downloads_by_creation")
    return Figure(
        key="downloads_by_creation",
        heading=findings.downloads(rows),
        unit=f"Downloads in the last 30 days by quarter of creation; {_circles(rows)}",
        shape="Circles by quarter of creation and downloads, larger for more models and darker for "
        "more likes.",
        chart=_by_size(
            rows,
            lambda row: 4 * row["year"] + row["quarter"] - 1,
            "download_step",
            lambda first, last: {
                4 * year - 0.5: str(year) for year in range(first // 4 + 1, last // 4 + 1)
            },
        ),
        table=Table(
            [
                Column("Created in", lambda row: f"{row['year']}, quarter {row['quarter']}", False),
                Column("Downloads", lambda row: _range(row["download_step"])),
                *_MODELS_AND_LIKES,
            ],
            rows[::-1],
        ),
        sample=f"{_DOWNLOADED} Those from before March 2022 have no date.",
        notes=[
            "Every model counts in a circle: none is drawn at random or left out.",
            *_running_quarter(data, rows),
        ],
        extract="text_generation_models",
        missing="" if rows else _NOT_BUILT,
    )


def _running_quarter(data: ReportData, rows: list[Row]) -> list[str]:
    """What the last column of circles is, where its quarter was not over."""
    day = data.snapshot_date
    quarter = (day.year, (day.month + 2) // 3)
    if quarter not in {(row["year"], row["quarter"]) for row in rows}:
        return []
    return [
        f"The last quarter was still running on {text.full_date(day)}: its circles are of a part "
        "of a quarter."
    ]


def _by_size(
    rows: list[Row],
    x: Callable[[Row], int],
    step: str,
    x_labels: Callable[[int, int], dict[float, str]],
) -> Callable[[int], Any]:
    """Circles by a horizontal step and by a field of steps of powers of ten.

    Args:
        x_labels: for the first and the last horizontal step, which ticks there are.
    """

    def chart(width: int) -> Any:
        circles = [
            Bubble(x(row), _place(row[step]), row["models"], row["typical_likes"]) for row in rows
        ]
        steps = [x(row) for row in rows]
        return bubbles(
            width,
            circles,
            x_labels(min(steps), max(steps)) if rows else {},
            _powers_of_ten(max((row[step] for row in rows), default=0)),
            "Typical likes (geometric mean of a circle’s models)",
        )

    return chart


def _circles(rows: list[Row]) -> str:
    most = max((row["models"] for row in rows), default=0)
    return "the larger a circle, the more models it stands for" + (
        f", {text.count(most)} at most" if most else ""
    )


_MODELS_AND_LIKES = (
    column("Models", "models"),
    column(
        "Typical likes", "typical_likes", lambda likes: "–" if likes is None else f"{likes:.1f}"
    ),
)


def _popularity(data: ReportData) -> Figure:
    rows = data.rows("text_generation_popularity")

    def name(row: Row) -> str:
        return text.plain(row["popularity_class"]).capitalize()

    def between(row: Row) -> str:
        return f"{text.count(row['fewest_downloads'])} to {text.count(row['most_downloads'])}"

    return Figure(
        key="text_generation_popularity",
        heading=findings.popularity(rows),
        unit="Share of text-generation models, and of their downloads in the last 30 days",
        shape="Bar chart of models and downloads by class of popularity.",
        chart=share_bars(
            rows, name, ("Share of models", "share"), ("Share of downloads", "share_of_downloads")
        ),
        table=Table(
            [
                Column("Class", name, is_number=False),
                Column("Downloads of a model", between),
                column("Models", "models"),
                share_column("Share of models", "share", of_all(rows, "models")),
                column("Downloads in 30 days", "downloads"),
                share_column("Share of downloads", "share_of_downloads", of_all(rows, "models")),
            ],
            rows,
        ),
        sample=_DOWNLOADED,
        notes=[
            "The classes are made by downloads, so that the last one has most of them in any data.",
            "Downloads of a model in each class: "
            + "; ".join(f"{name(row).lower()}, {between(row)}" for row in rows)
            + ".",
        ],
        extract="text_generation_popularity",
        missing="" if rows else _NOT_BUILT,
    )


def _place(step: int) -> float:
    """Where a step of ``queries/`` is drawn: none stands apart from the powers of ten."""
    return step if step else -0.75


def _powers_of_ten(last: int) -> dict[float, str]:
    """Ticks up to the first power of ten that no model in the last step exceeds."""
    powers = {3 * power + 0.5: text.rounded(10.0**power) for power in range((last + 2) // 3 + 1)}
    return {-0.75: "0"} | powers


def _range(step: int) -> str:
    if step == 0:
        return "0"
    low, high = (round(10 ** ((step - 1 + end) / 3) + 0.499) for end in (0, 1))
    return text.count(low) if high - 1 <= low else f"{text.count(low)} to {text.count(high - 1)}"


def _storage_range(step: int) -> str:
    low, high = (text.storage(10 ** ((step + end) / 3 - 3)) for end in (0, 1))
    return f"{low} to {high}" if step else f"up to {high}"
