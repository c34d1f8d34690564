"""The study of text-generation models: their pace, use and popularity."""

from datetime import date

from reports import text
from reports.charts import MAIN, Bar, Break, Bubble, Scale, Series, bars, bubbles, time_series
from reports.edition import Edition, Row
from reports.figures import findings
from reports.figures.base import ENOUGH, Column, Figure, Section, Table

_LIKES = "Typical likes (geometric mean of a circle’s models)"
_SAMPLE = "Listed models whose task is text generation."
_NOT_BUILT = (
    "This database does not hold the study’s tables: 'dbt build' makes them (schema trends)."
)


def section(edition: Edition) -> Section:
    return Section(
        key="text-generation",
        title="Text generation: what came with ChatGPT?",
        figures=[
            _weekly(edition),
            _cumulative(edition),
            _downloads(edition),
            _storage(edition),
            _popularity(edition),
        ],
    )


def _turning_point(rows: list[Row]) -> list[Break]:
    after = [row["week"] for row in rows if row["is_after_chatgpt"]]
    return [Break(after[0], "ChatGPT")] if after else []


def _series(rows: list[Row], name: str, column: str) -> Series:
    running = [row for row in rows if not row["is_complete_week"]]
    return Series(
        name,
        MAIN,
        [(row["week"], row[column]) for row in rows if row["is_complete_week"]],
        running=(running[0]["week"], running[0][column]) if running else None,
    )


def _weeks(rows: list[Row], column: str, heading: str) -> Table:
    def week(row: Row) -> str:
        return text.full_date(row["week"]) + ("" if row["is_complete_week"] else ", running")

    return Table(
        [
            Column("Week from", week, is_number=False),
            Column(heading, lambda row: text.count(row[column])),
        ],
        rows[::-1],
    )


def _weekly(edition: Edition) -> Figure:
    rows = edition.rows("text_generation_weekly")
    if not rows:
        return Figure(
            "text_generation_weekly",
            findings.text_generation_pace(rows),
            "New models per week",
            missing=_NOT_BUILT,
        )
    return Figure(
        key="text_generation_weekly",
        heading=findings.text_generation_pace(rows),
        unit="New text-generation models per week",
        description=(
            "Line chart of new text-generation models per week, with a line at the release of "
            f"ChatGPT. {findings.text_generation_pace(rows)}."
        ),
        chart=lambda width: time_series(
            width,
            [_series(rows, "", "new_models")],
            Scale(text.count),
            breaks=_turning_point(rows),
        ),
        table=_weeks(rows, "new_models", "New models"),
        sample="Models whose task is text generation, those since deleted included.",
        notes=_running_week(rows, edition.snapshot_date),
        extract="text_generation_weekly",
    )


def _cumulative(edition: Edition) -> Figure:
    rows = edition.rows("text_generation_weekly")
    heading = "Text-generation models since the Hub keeps dates"
    if not rows:
        return Figure("text_generation_cumulative", heading, "Models", missing=_NOT_BUILT)
    total = text.count(rows[-1]["cumulative_models"])
    heading = f"{total} text-generation models have been put on the Hub"
    return Figure(
        key="text_generation_cumulative",
        heading=heading,
        unit="Text-generation models, cumulative",
        description=(
            "Line chart of the growing number of text-generation models, with a line at the "
            f"release of ChatGPT. {heading}."
        ),
        chart=lambda width: time_series(
            width,
            [_series(rows, "", "cumulative_models")],
            Scale(text.rounded),
            breaks=_turning_point(rows),
        ),
        table=_weeks(rows, "cumulative_models", "Models"),
        sample="Models whose task is text generation, those since deleted included.",
        extract="text_generation_weekly",
    )


def _running_week(rows: list[Row], snapshot_date: date) -> list[str]:
    if all(row["is_complete_week"] for row in rows):
        return []
    return [f"Hollow dot: the week that was running on {text.full_date(snapshot_date)}."]


def _downloads(edition: Edition) -> Figure:
    rows = edition.rows("downloads_by_creation")
    if not rows:
        return Figure(
            "downloads_by_creation", findings.downloads(rows), "Downloads", missing=_NOT_BUILT
        )
    years = range(rows[0]["year"], rows[-1]["year"] + 1)
    return Figure(
        key="downloads_by_creation",
        heading=findings.downloads(rows),
        unit="Downloads in the last 30 days by quarter of creation; circles grow with the number "
        "of models",
        description=(
            "Circles by quarter of creation and downloads, larger for more models and darker for "
            f"more likes. {findings.downloads(rows)}."
        ),
        chart=lambda width: bubbles(
            width,
            [
                Bubble(
                    4 * row["year"] + row["quarter"] - 1,
                    _place(row["download_step"]),
                    row["models"],
                    row["typical_likes"],
                )
                for row in rows
            ],
            {4 * year - 0.5: str(year) for year in years[1:]},
            _powers_of_ten([row["download_step"] for row in rows]),
            _LIKES,
        ),
        table=Table(
            [
                Column("Created in", lambda row: f"{row['year']}, quarter {row['quarter']}", False),
                Column("Downloads", lambda row: _range(row["download_step"])),
                Column("Models", lambda row: text.count(row["models"])),
                Column("Typical likes", lambda row: f"{row['typical_likes']:.1f}"),
            ],
            rows[::-1],
        ),
        sample=_SAMPLE + " Those from before March 2022 have no date.",
        notes=["Every model counts in a circle: none is drawn at random or left out."],
        extract="text_generation_models",
    )


def _storage(edition: Edition) -> Figure:
    rows = edition.rows("storage_and_spaces")
    reach = next(iter(edition.rows("storage_reach")), None)
    key, unit = "storage_and_spaces", "Used storage and number of Spaces"
    if reach is None:
        return Figure(key, findings.storage(rows), unit, missing=_NOT_BUILT)
    reached = (
        f"{text.count(reach['models_reached'])} of {text.count(reach['models'])} models so far"
    )
    if reach["models_reached"] < ENOUGH:
        return Figure(
            key,
            findings.storage([]),
            unit,
            missing="The Hub’s listing does not say how much storage a model uses and which Spaces "
            "use it. A separate run asks for each model, most downloaded first, and has reached "
            f"{reached}: too few to draw.",
        )
    outliers = "model is" if reach["outliers"] == 1 else "models are"
    return Figure(
        key=key,
        heading=findings.storage(rows),
        unit="Number of Spaces that use a model, by used storage; circles grow with the number of "
        "models",
        description=(
            "Circles by used storage and number of Spaces, larger for more models and darker for "
            f"more likes. {findings.storage(rows)}."
        ),
        chart=lambda width: bubbles(
            width,
            [
                Bubble(
                    row["storage_step"],
                    _place(row["spaces_step"]),
                    row["models"],
                    row["typical_likes"],
                )
                for row in rows
            ],
            {
                3 * power - 0.5: label
                for power, label in enumerate(
                    ["1 MB", "10 MB", "100 MB", "1 GB", "10 GB", "100 GB", "1 TB", "10 TB"]
                )
                if rows[0]["storage_step"] - 1 <= 3 * power <= rows[-1]["storage_step"] + 2
            },
            _powers_of_ten([row["spaces_step"] for row in rows]),
            _LIKES,
        ),
        table=Table(
            [
                Column("Storage from", lambda row: _gigabytes(row["storage_step"])),
                Column("Spaces", lambda row: _range(row["spaces_step"])),
                Column("Models", lambda row: text.count(row["models"])),
                Column("Typical likes", lambda row: f"{row['typical_likes']:.1f}"),
            ],
            rows,
        ),
        sample=f"{_SAMPLE} Storage and Spaces are asked for model by model, most downloaded first: "
        f"{reached}.",
        notes=[
            f"{text.count(reach['outliers'])} {outliers} left out as outliers: more storage than "
            f"99.9{text.NBSP}% of the others, above {text.rounded(reach['largest_storage_gb'])} GB."
        ]
        if reach["outliers"]
        else (),
        extract="text_generation_models",
    )


def _popularity(edition: Edition) -> Figure:
    rows = edition.rows("text_generation_popularity")
    if not rows:
        return Figure(
            "text_generation_popularity", findings.popularity(rows), "Models", missing=_NOT_BUILT
        )

    def name(row: Row) -> str:
        return text.plain(row["popularity_class"]).capitalize()

    def between(row: Row) -> str:
        return f"{text.count(row['fewest_downloads'])} to {text.count(row['most_downloads'])}"

    return Figure(
        key="text_generation_popularity",
        heading=findings.popularity(rows),
        unit="Share of text-generation models, and of their downloads in the last 30 days",
        description=(
            "Bar chart of models and downloads by class of popularity. "
            f"{findings.popularity(rows)}."
        ),
        chart=lambda width: bars(
            width,
            [
                Bar(
                    name(row),
                    [row["share"], row["share_of_downloads"] or 0],
                    [text.share(row["share"]), text.share(row["share_of_downloads"])],
                )
                for row in rows
            ],
            ("Share of models", "Share of downloads"),
        ),
        table=Table(
            [
                Column("Class", name, is_number=False),
                Column("Downloads of a model", between),
                Column("Models", lambda row: text.count(row["models"])),
                Column("Share of models", lambda row: text.share(row["share"])),
                Column("Downloads", lambda row: text.count(row["downloads"])),
                Column("Share of downloads", lambda row: text.share(row["share_of_downloads"])),
            ],
            rows,
        ),
        sample=_SAMPLE,
        notes=[
            "Downloads of a model in each class: "
            + "; ".join(f"{name(row).lower()}, {between(row)}" for row in rows)
            + "."
        ],
        extract="text_generation_popularity",
    )


def _place(step: int) -> float:
    """Where a step of ``queries/`` is drawn: none stands apart from the powers of ten."""
    return step if step else -0.75


def _powers_of_ten(steps: list[int]) -> dict[float, str]:
    powers = {
        3 * power + 0.5: text.rounded(10.0**power) for power in range((max(steps) - 1) // 3 + 1)
    }
    return {-0.75: "0"} | powers


def _range(step: int) -> str:
    if step == 0:
        return "0"
    low, high = (round(10 ** ((step - 1 + end) / 3) + 0.499) for end in (0, 1))
    return text.count(low) if high - 1 <= low else f"{text.count(low)} to {text.count(high - 1)}"


def _gigabytes(step: int) -> str:
    return f"{text.rounded(10 ** (step / 3 - 3))} GB"
