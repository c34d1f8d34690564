"""Figures on the use of text-generation models: storage and Spaces, downloads, popularity.

Steps are those of the tables of the schema reporting: three for each power of ten.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from reports import text
from reports.charts import Bubble, bubbles
from reports.exposure import Limits
from reports.figures import findings
from reports.figures.base import (
    ENOUGH,
    Column,
    Figure,
    Table,
    column,
    of_all,
    share_bars,
    share_column,
)
from reports.report_data import ReportData, Row

_LISTED = "Listed models whose task is text generation."
_DOWNLOADED = "Listed models whose task is text generation and whose downloads are known."
_TOO_FEW = (
    "The Hub’s listing does not say how much storage a model uses and which Spaces use it. A "
    "separate run asks for each model, most downloaded first. So far it has asked about {}: "
    "too few to draw."
)
# The Hub of a folder has an address; the folder itself cannot be asked.
_ASK_ON = (
    " “make details build report” with the same HUB asks on; for a folder, give the Hub’s address."
)


def figures(data: ReportData) -> list[Figure]:
    """List the figures, in the order of the page."""
    return [_storage(data), _downloads(data), _popularity(data)]


def _storage(data: ReportData) -> Figure:
    rows = data.rows("text_generation_by_storage", "storage_step", "spaces_step")
    (details,) = data.rows("text_generation_details")
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
        sample=f"{_LISTED} Storage and Spaces are asked for model by model, most downloaded first: "
        f"so far {_reached(details)}.",
        notes=_outliers(details, data.limits),
        extract="text_generation_models",
        is_of_newest=True,
        missing=_too_few(details),
    )


def _reached(details: Row) -> str:
    asked, models, answered = (
        text.count(details[f"models{which}"]) for which in ("_asked", "", "_answered")
    )
    return f"{asked} of {models} models, and the Hub gave both for {answered}"


def _too_few(details: Row) -> str:
    """Say why there is no chart; nothing where there can be one."""
    if details["models_answered"] >= ENOUGH:
        return ""
    return _TOO_FEW.format(_reached(details)) + (
        _ASK_ON if details["models_asked"] < details["models"] else ""
    )


def _outliers(details: Row, limits: Limits) -> list[str]:
    if not details["outliers"]:
        return []
    models = "model is" if details["outliers"] == 1 else "models are"
    return [
        f"{text.count(details['outliers'])} {models} left out as outliers: more storage than "
        f"{text.share(limits.storage_outlier_quantile)} of the others, above "
        f"{text.storage(details['largest_storage_gb'])}."
    ]


def _downloads(data: ReportData) -> Figure:
    rows = data.rows("text_generation_by_creation", "quarter", "download_step")
    return Figure(
        key="downloads_by_creation",
        heading=findings.downloads(rows),
        unit=f"Downloads in the last 30 days by quarter of creation; {_circles(rows)}",
        shape="Circles by quarter of creation and downloads, larger for more models and darker for "
        "more likes.",
        chart=_by_size(
            rows,
            lambda row: 4 * row["quarter"].year + _quarter(row["quarter"]) - 1,
            "download_step",
            lambda first, last: {
                4 * year - 0.5: str(year) for year in range(first // 4 + 1, last // 4 + 1)
            },
        ),
        table=Table(
            [
                Column("Created in", _created_in, is_number=False),
                Column("Downloads", lambda row: _range(row["download_step"])),
                *_MODELS_AND_LIKES,
            ],
            rows[::-1],
        ),
        sample=f"{_DOWNLOADED} Those from before {text.month(data.limits.censored_until)} have no "
        "date.",
        notes=[
            "Every model counts in a circle: none is drawn at random or left out.",
            *_running_quarter(data, rows),
        ],
        extract="text_generation_models",
        is_of_newest=True,
    )


def _quarter(day: date) -> int:
    return (day.month + 2) // 3


def _created_in(row: Row) -> str:
    return f"{row['quarter'].year}, quarter {_quarter(row['quarter'])}"


def _running_quarter(data: ReportData, rows: list[Row]) -> list[str]:
    """Explain the last column of circles, where its quarter was not over."""
    day = data.snapshot_date
    if date(day.year, 3 * _quarter(day) - 2, 1) not in {row["quarter"] for row in rows}:
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
    """Draw circles by a horizontal step and by a field of steps of powers of ten.

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
    rows = data.rows("text_generation_classes", "class_order")

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
            "The classes are defined by downloads, so the last one has most of them in any data.",
            "Downloads of a model in each class: "
            + "; ".join(f"{name(row).lower()}, {between(row)}" for row in rows)
            + ".",
        ],
        extract="text_generation_popularity",
        is_of_newest=True,
    )


def _place(step: int) -> float:
    """Place of a step on an axis: none stands apart from the powers of ten."""
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
