"""Sections for newcomers: models that are used, who makes them, licences, kinds of data."""

from reports import text
from reports.figures import findings
from reports.figures.base import (
    Column,
    Figure,
    Section,
    Table,
    column,
    of_all,
    share_bars,
    share_column,
    words,
)
from reports.report_data import ReportData, Row

_SHOWN = 12

_RELATIONS = {
    "adapter": "adapter",
    "quantized": "quantised copy",
    "merge": "merge",
    "finetune": "fine-tune",
    "none": "none known",
}


def sections(data: ReportData) -> list[Section]:
    """The sections for newcomers: what is used, by whom, on which terms."""
    return [
        Section(
            key="most-used",
            title="Which models do people use?",
            figures=[
                _top_models(
                    data, "downloads", "download_rank", "downloaded", "downloads in 30 days"
                ),
                _top_models(data, "likes", "like_rank", "liked", "likes"),
                _licences(data),
            ],
        ),
        Section(
            key="who-publishes",
            title="Who publishes them?",
            figures=[_publishers(data), _top_publishers(data)],
        ),
        Section(
            key="dataset-properties",
            title="What are the datasets like?",
            figures=[
                _dataset_property(data, "modality", "modality", "kind of data"),
                _dataset_property(data, "format", "format", "format of files"),
                _dataset_property(data, "size_categories", "size", "number of rows"),
            ],
        ),
    ]


def _top_models(data: ReportData, measure: str, rank: str, verb: str, unit: str) -> Figure:
    rows = [row for row in data.rows("top_models", rank) if row[rank] is not None]
    measures = [column("Downloads in 30 days", "downloads"), column("Likes", "likes")]
    return Figure(
        key=f"most_{verb}",
        heading=findings.most(rows, measure, verb, unit),
        unit=f"The {data.limits.shown_models} models with most {unit}",
        table=Table(
            [
                words("Model", "model_id"),
                # What they are ranked by first: a phone shows few columns.
                *(measures if measure == "downloads" else reversed(measures)),
                words("Task", "task_name"),
                Column("Parameters", _parameters),
                words("Licence", "licence", none="none named"),
                Column("Derived as", lambda row: _RELATIONS[row["relation"]], is_number=False),
            ],
            rows,
        ),
        sample="Listed models. Automatic downloads count, too: a model that a widely used program "
        "fetches by itself ranks high.",
        is_open=True,
    )


def _parameters(row: Row) -> str:
    if row["parameters"] is None:
        return "not known"
    size = text.parameters(row["parameters"])
    return size if row["parameter_use"] == "counted" else f"{size} ({row['parameter_use']})"


def _licences(data: ReportData) -> Figure:
    rows = data.rows("models_by_licence", "-models", "licence")
    # However few name no licence, that is shown.
    shown = [row for place, row in enumerate(rows) if place < _SHOWN or not row["licence"]]
    return Figure(
        key="licences",
        heading=findings.licences(rows),
        unit="Share of listed models by licence",
        shape="Bar chart of models by licence.",
        chart=share_bars(
            shown,
            lambda row: text.plain(row["licence"], 40) or "none named",
            ("", "share_of_models"),
        ),
        table=Table(
            [
                words("Licence", "licence", none="none named"),
                column("Models", "models"),
                share_column("Share", "share_of_models", of_all(rows, "models")),
            ],
            rows,
        ),
        sample="Listed models, by the licence that their owner names; the first where there are "
        "several.",
    )


def _publishers(data: ReportData) -> Figure:
    rows = data.rows("publisher_classes", "class_order")
    return Figure(
        key="publishers",
        heading=findings.publishers(rows),
        unit="Share of publishers, and of downloads in the last 30 days, by number of models",
        shape="Bar chart of publishers, and of downloads, by a publisher’s number of models.",
        chart=share_bars(
            rows,
            _models_of_a_publisher,
            ("Share of publishers", "share_of_publishers"),
            ("Share of downloads", "share_of_downloads"),
        ),
        table=Table(
            [
                Column("Publisher of", _models_of_a_publisher, is_number=False),
                column("Publishers", "publishers"),
                column("Their models", "models"),
                share_column("Share of models", "share_of_models", of_all(rows, "models")),
                column("Downloads in 30 days", "downloads"),
                share_column("Share of downloads", "share_of_downloads", of_all(rows, "models")),
                share_column(
                    "The same without the class’s most downloaded model",
                    "share_without_largest",
                    of_all(rows, "models"),
                ),
            ],
            rows,
        ),
        sample="Owners of listed models: organisations and persons, which the listing does not "
        "tell apart.",
    )


def _models_of_a_publisher(row: Row) -> str:
    """Name a class of publishers by how many models each has: ``2 to 9 models``."""
    first, last = row["models_from"], row["models_to"]
    if last is None:
        return f"{text.count(first)} models and more"
    return "1 model" if last == 1 else f"{text.count(first)} to {text.count(last)} models"


def _top_publishers(data: ReportData) -> Figure:
    rows = data.rows("top_publishers", "download_rank")
    return Figure(
        key="top_publishers",
        heading=findings.top_publishers(rows),
        unit=f"The {data.limits.shown_publishers} publishers whose models are downloaded most",
        table=Table(
            [
                words("Publisher", "publisher"),
                column("Models", "models"),
                column("Downloads in 30 days", "downloads"),
                column("Share of downloads", "share_of_downloads", text.share),
                column("Likes", "likes"),
            ],
            rows,
        ),
        sample="Owners of listed models.",
        is_open=True,
    )


def _dataset_property(data: ReportData, name: str, what: str, meaning: str) -> Figure:
    rows = [
        row
        for row in data.rows("dataset_properties", "value_order", "-datasets", "value")
        if row["property"] == name
    ]
    total = f"{text.count(rows[0]['datasets_total'])} " if rows else ""
    counted = "listed datasets" if data.is_complete else "datasets in these records"
    return Figure(
        key=f"datasets_by_{what}",
        heading=findings.dataset_property(rows, what),
        unit=f"Share of all datasets by {meaning}",
        shape=f"Bar chart of datasets by {what}.",
        chart=share_bars(
            rows[:_SHOWN], lambda row: text.plain(row["value_name"], 40), ("", "share_of_datasets")
        ),
        table=Table(
            [
                words(what.capitalize(), "value_name"),
                column("Datasets", "datasets"),
                share_column(
                    "Share of all", "share_of_datasets", lambda row: row["datasets_total"]
                ),
            ],
            rows,
        ),
        sample=f"All {total}{counted}, by what the Hub finds in their files or their owner says; "
        "one can have several, and some have none.",
    )
