"""How large models are."""

from reports import text
from reports.charts import GREY, MAIN, Bar, Scale, bars, time_series
from reports.edition import Edition
from reports.figures import findings
from reports.figures.base import (
    MONTH,
    Column,
    Figure,
    Marks,
    Section,
    Table,
    gap_note,
    line,
    newest,
    newest_first,
    running_note,
)

_CLASSES = {
    1: "under 100 million",
    2: "100 million to 1 billion",
    3: "1 to 10 billion",
    4: "10 to 100 billion",
    5: "100 billion and more",
    6: "own size not known",
}


def section(edition: Edition) -> Section:
    return Section(
        key="size",
        title="How large are they?",
        figures=[_over_time(edition), _classes(edition)],
    )


def headline(edition: Edition) -> tuple[str, str, str]:
    """Title, value and remark for the summary."""
    row = newest([row for row in edition.rows("parameters") if row["is_headline"]])
    if row is None or row["median_parameters"] is None:
        return "Median size", "–", "suppressed: known for too few of the month’s models"
    return (
        "Median size",
        f"{text.parameters(row['median_parameters'])} parameters",
        f"known for {text.share(row['coverage'])} of {text.count(row['new_models'])} models",
    )


def _over_time(edition: Edition) -> Figure:
    rows = edition.rows("parameters")
    everything = [row for row in rows if row["population"] == "all"]
    headlines = [row for row in rows if row["is_headline"]]
    original = [row for row in headlines if row["population"] == "no_known_parent"]
    # Until parents are declared, all models are the headline.
    main = original or everything
    marks = Marks()
    if original and original[0]["month"] > rows[0]["month"]:
        marks.add(
            original[0]["month"],
            "from here on the headline is models with no known parent; before, too few owners "
            "named a parent, and all models are shown.",
        )
    if rows:
        marks.add_known("parameters", rows[0]["month"], rows[-1]["month"])
    row = newest(headlines)
    sample = "Models whose own number of parameters is known; adapters and packed weights are not."
    if row:
        sample += (
            f" In {text.month(row['month'])}: {text.count(row['models_with_parameters'])} of "
            f"{text.count(row['new_models'])}, or {text.share(row['coverage'])}."
        )
    has_points = any(row["median_parameters"] is not None for row in rows)
    return Figure(
        key="model_sizes",
        heading=findings.model_sizes(headlines),
        unit=(
            "Median number of parameters of new models, by month; the band holds the middle half. "
            "Logarithmic scale"
        ),
        description=(
            "Line chart of the median number of parameters on a logarithmic scale, with a band "
            f"from the lower to the upper quartile. {findings.model_sizes(headlines)}."
        ),
        chart=(
            lambda width: time_series(
                width,
                [
                    line("All models", GREY, everything, "median_parameters"),
                    line(
                        "No known\nparent",
                        MAIN,
                        original,
                        "median_parameters",
                        "p25_parameters",
                        "p75_parameters",
                    ),
                ]
                if original
                else [
                    line(
                        "All models",
                        MAIN,
                        main,
                        "median_parameters",
                        "p25_parameters",
                        "p75_parameters",
                    )
                ],
                Scale(text.parameters, is_logarithmic=True),
                breaks=marks.breaks,
            )
        )
        if has_points
        else None,
        table=Table(
            [
                MONTH,
                Column(
                    "Population",
                    lambda row: row["population"].replace("_", " "),
                    is_number=False,
                ),
                Column("Median", lambda row: text.parameters(row["median_parameters"])),
                Column("Lower quartile", lambda row: text.parameters(row["p25_parameters"])),
                Column("Upper quartile", lambda row: text.parameters(row["p75_parameters"])),
                Column(
                    "Geometric mean", lambda row: text.parameters(row["geometric_mean_parameters"])
                ),
                Column(
                    f"Its 95{text.NBSP}% interval",
                    lambda row: (
                        "–"
                        if row["geometric_mean_ci_low"] is None
                        else f"{text.parameters(row['geometric_mean_ci_low'])} to "
                        f"{text.parameters(row['geometric_mean_ci_high'])}"
                    ),
                ),
                Column("Mean", lambda row: text.parameters(row["mean_parameters"])),
                Column("Raw mean", lambda row: text.parameters(row["raw_mean_parameters"])),
                Column("Models", lambda row: text.count(row["models_with_parameters"])),
                Column("Coverage", lambda row: text.share(row["coverage"])),
            ],
            newest_first(rows),
        ),
        sample=sample,
        notes=[
            *marks.notes,
            *gap_note(headlines, "median_parameters"),
            *running_note(rows, edition.snapshot_date),
            "The mean is driven by a few very large models. The raw mean has adapters and packed "
            "weights in it and is the nearest to what OECD.AI shows.",
        ],
        extract="average_model_parameters",
    )


def _classes(edition: Edition) -> Figure:
    rows = edition.rows("size_classes")
    return Figure(
        key="size_classes",
        heading=findings.size_classes(rows, _CLASSES),
        unit="Share of listed models, and of downloads in the last 30 days, by parameters",
        description=(
            "Bar chart of models and downloads by class of size. "
            f"{findings.size_classes(rows, _CLASSES)}."
        ),
        chart=(
            lambda width: bars(
                width,
                [
                    Bar(
                        _CLASSES[row["class_order"]].capitalize(),
                        [row["share_of_models"], row["share_of_downloads"] or 0],
                        [text.share(row["share_of_models"]), text.share(row["share_of_downloads"])],
                    )
                    for row in rows
                ],
                ("Share of models", "Share of downloads"),
            )
        )
        if rows
        else None,
        table=Table(
            [
                Column(
                    "Parameters",
                    lambda row: _CLASSES[row["class_order"]].capitalize(),
                    is_number=False,
                ),
                Column("Models", lambda row: text.count(row["models"])),
                Column("Share of models", lambda row: text.share(row["share_of_models"])),
                Column("Downloads in 30 days", lambda row: text.count(row["downloads"])),
                Column("Share of downloads", lambda row: text.share(row["share_of_downloads"])),
            ],
            rows,
        ),
        sample="All listed models. An adapter’s own number of parameters, or that of packed "
        "weights, says nothing of the size of the model, and counts as not known.",
    )
