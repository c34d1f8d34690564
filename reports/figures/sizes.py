"""Section on the sizes of models."""

from reports import text
from reports.charts import GREY, MAIN, Scale, time_series
from reports.figures import findings
from reports.figures.base import (
    MONTH,
    POPULATION,
    RELIABILITY,
    Column,
    Figure,
    Section,
    Table,
    column,
    complete,
    line,
    models_of,
    newest,
    newest_first,
    of_all,
    part,
    share_bars,
    share_column,
    size_class,
    suppressed,
)
from reports.figures.notes import Marks, gap_note, reliability_note, repeated_note, running_note
from reports.report_data import ReportData, Row


def section(data: ReportData) -> Section:
    """The section on how large models are."""
    return Section(
        key="size",
        title="How large are they?",
        figures=[_over_time(data), _classes(data)],
    )


def headline(data: ReportData) -> tuple[str, str, str]:
    """Title, value and remark for the summary."""
    title = "Median size"
    row = newest([row for row in _by_month(data) if row["is_headline"]])
    if row is None or row["median_parameters"] is None:
        return title, "–", suppressed(row)
    return (
        title,
        f"{text.parameters(row['median_parameters'])} parameters",
        f"known for {text.share(row['coverage'])} of {text.count(row['new_models'])} "
        f"{models_of(row)}{findings.caveats(row)}",
    )


def _by_month(data: ReportData) -> list[Row]:
    """Rows of all models and of those without a known parent, all scopes together."""
    return [
        row
        for row in data.rows("average_model_parameters", "month", "population")
        if row["scope"] == "all" and row["population"] in ("all", "no_known_parent")
    ]


def _over_time(data: ReportData) -> Figure:
    rows = _by_month(data)
    everything = [row for row in rows if row["population"] == "all"]
    headlines = [row for row in rows if row["is_headline"]]
    original = [row for row in headlines if row["population"] == "no_known_parent"]
    marks = Marks()
    marks.add_parents(headlines)
    if complete(rows):
        marks.add_known("parameters", rows[0]["month"], max(r["month"] for r in complete(rows)))
    row = newest(headlines)
    sample = (
        "Models whose own number of parameters is known; adapters and packed weights are left out."
    )
    if row:
        sample += f" In {text.month(row['month'])}: {part(row, 'models_with_parameters')}."
    middle_half = ("p25_parameters", "p75_parameters")
    # Until parents are declared, all models are the headline.
    of_all_models = () if original else middle_half
    lines = [
        line("All models", GREY, everything, "median_parameters", *of_all_models),
        line("No parent\ndeclared or\ndetected", MAIN, original, "median_parameters", *middle_half),
    ]
    return Figure(
        key="model_sizes",
        heading=findings.model_sizes(headlines, is_complete=data.is_complete),
        unit=(
            "Median number of parameters of new models, by month; the band holds the middle half. "
            "Logarithmic scale"
        ),
        shape="Line chart by month, on a logarithmic scale, with a band from the lower to the "
        "upper quartile.",
        chart=lambda width: time_series(
            width, lines, Scale(text.parameters, is_logarithmic=True), breaks=marks.breaks
        ),
        table=_table(rows),
        sample=sample,
        notes=[
            *repeated_note(headlines),
            *marks.notes,
            *reliability_note(headlines, "median_parameters", data.limits),
            *gap_note(headlines, "median_parameters", data.limits),
            *running_note(rows, data.snapshot_date),
            "The mean is driven by a few very large models. The raw mean has adapters and packed "
            "weights in it and is the nearest to what OECD.AI shows.",
        ],
        extract="average_model_parameters",
    )


def _table(rows: list[Row]) -> Table:
    return Table(
        [
            MONTH,
            POPULATION,
            column("Median", "median_parameters", text.parameters),
            Column("Its 95% interval", _interval),
            column("Lower quartile", "p25_parameters", text.parameters),
            column("Upper quartile", "p75_parameters", text.parameters),
            column("Geometric mean", "geometric_mean_parameters", text.parameters),
            column("Mean", "mean_parameters", text.parameters),
            column("Raw mean", "raw_mean_parameters", text.parameters),
            column(
                "Median, first of their size",
                "median_parameters_first_of_size",
                text.parameters,
            ),
            column("Models", "models_with_parameters"),
            column("Publishers", "publishers"),
            share_column("Coverage", "coverage", lambda row: row["new_models"]),
            column("Repeated size", "share_repeated_size", text.share),
            RELIABILITY,
        ],
        newest_first(rows),
    )


def _interval(row: Row) -> str:
    if row["median_parameters_ci_low"] is None:
        return "–"
    return (
        f"{text.parameters(row['median_parameters_ci_low'])} to "
        f"{text.parameters(row['median_parameters_ci_high'])}"
    )


def _classes(data: ReportData) -> Figure:
    rows = data.rows("size_classes", "class_order")

    def name(row: Row) -> str:
        return size_class(row).capitalize()

    return Figure(
        key="size_classes",
        heading=findings.size_classes(rows),
        unit="Share of listed models, and of downloads in the last 30 days, by parameters",
        shape="Bar chart of models and downloads by class of size.",
        chart=share_bars(
            rows,
            name,
            ("Share of models", "share_of_models"),
            ("Share of downloads", "share_of_downloads"),
        ),
        table=Table(
            [
                Column("Parameters", name, is_number=False),
                column("Models", "models"),
                share_column("Share of models", "share_of_models", of_all(rows, "models")),
                column("Downloads in 30 days", "downloads"),
                share_column("Share of downloads", "share_of_downloads", of_all(rows, "models")),
            ],
            rows,
        ),
        sample=f"All {'listed models' if data.is_complete else 'models in these records'}, by "
        "the size at which they run: a model’s own number of parameters; for an adapter or a "
        "packed copy, the number in its GGUF file, or else that of the model it declares to be "
        "made from.",
    )
