"""How large models are."""

from reports import text
from reports.charts import GREY, MAIN, Scale, time_series
from reports.figures import findings
from reports.figures.base import (
    MONTH,
    POPULATION,
    RELIABILITY,
    Column,
    Figure,
    Marks,
    Section,
    Table,
    column,
    complete,
    gap_note,
    line,
    models_of,
    newest,
    newest_first,
    of_all,
    part,
    reliability_note,
    repeated_note,
    running_note,
    share_bars,
    share_column,
    suppressed,
)
from reports.report_data import ReportData, Row

_BANDS = {
    "under_1b": "under 1 billion",
    "1b_to_4b": "1 to 4 billion",
    "4b_to_10b": "4 to 10 billion",
    "10b_to_35b": "10 to 35 billion",
    "35b_to_100b": "35 to 100 billion",
    "100b_and_more": "100 billion and more",
    "not-known": "size not known",
}


def section(data: ReportData) -> Section:
    return Section(
        key="size",
        title="How large are they?",
        figures=[_over_time(data), _classes(data)],
    )


def headline(data: ReportData) -> tuple[str, str, str]:
    """Title, value and remark for the summary."""
    title = "Median size"
    row = newest([row for row in data.rows("parameters") if row["is_headline"]])
    if row is None or row["median_parameters"] is None:
        return title, "–", suppressed(row)
    return (
        title,
        f"{text.parameters(row['median_parameters'])} parameters",
        f"known for {text.share(row['coverage'])} of {text.count(row['new_models'])} "
        f"{models_of(row)}{findings.caveats(row)}",
    )


def _over_time(data: ReportData) -> Figure:
    rows = data.rows("parameters")
    everything = [row for row in rows if row["population"] == "all"]
    headlines = [row for row in rows if row["is_headline"]]
    original = [row for row in headlines if row["population"] == "no_known_parent"]
    marks = Marks()
    marks.add_parents(headlines)
    if complete(rows):
        marks.add_known("parameters", rows[0]["month"], max(r["month"] for r in complete(rows)))
    row = newest(headlines)
    sample = "Models whose own number of parameters is known; adapters and packed weights are not."
    if row:
        sample += f" In {text.month(row['month'])}: {part(row, 'models_with_parameters')}."
    middle_half = ("p25_parameters", "p75_parameters")
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
            width,
            [
                # Until parents are declared, all models are the headline.
                line(
                    "All models",
                    GREY,
                    everything,
                    "median_parameters",
                    *(() if original else middle_half),
                ),
                line(
                    "No parent\ndeclared or\ndetected",
                    MAIN,
                    original,
                    "median_parameters",
                    *middle_half,
                ),
            ],
            Scale(text.parameters, is_logarithmic=True),
            breaks=marks.breaks,
        ),
        table=Table(
            [
                MONTH,
                POPULATION,
                column("Median", "median_parameters", text.parameters),
                Column(f"Its 95{text.NBSP}% interval", _interval),
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
        ),
        sample=sample,
        notes=[
            *repeated_note(headlines),
            *marks.notes,
            *reliability_note(headlines, "median_parameters"),
            *gap_note(headlines, "median_parameters"),
            *running_note(rows, data.snapshot_date),
            "The mean is driven by a few very large models. The raw mean has adapters and packed "
            "weights in it and is the nearest to what OECD.AI shows.",
        ],
        extract="average_model_parameters",
    )


def _interval(row: Row) -> str:
    if row["median_parameters_ci_low"] is None:
        return "–"
    return (
        f"{text.parameters(row['median_parameters_ci_low'])} to "
        f"{text.parameters(row['median_parameters_ci_high'])}"
    )


def _classes(data: ReportData) -> Figure:
    of_band = {row["size_band"]: row for row in data.rows("size_classes")}
    rows = [of_band[band] for band in _BANDS if band in of_band]

    def name(row: Row) -> str:
        return _BANDS[row["size_band"]].capitalize()

    return Figure(
        key="size_classes",
        heading=findings.size_classes(rows, _BANDS),
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
        "the size that they work at: a model’s own number of "
        "parameters; of an adapter or a packed copy, whose own numbers say something else, that "
        "in its gguf file, else that of the model that it declares to be made from.",
    )
