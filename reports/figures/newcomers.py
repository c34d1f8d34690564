"""What newcomers ask: which models are used, who makes them, under which licence, on what data."""

from typing import Any

from reports import text
from reports.charts import Bar, bars
from reports.edition import Edition, Row
from reports.figures import findings
from reports.figures.base import Column, Figure, Section, Table

_SHOWN = 12

_PUBLISHER_CLASSES = {
    1: "1 model",
    2: "2 to 9 models",
    3: "10 to 99 models",
    4: "100 to 999 models",
    5: "1,000 models and more",
}

_RELATIONS = {
    "adapter": "adapter",
    "quantized": "quantised copy",
    "merge": "merge",
    "finetune": "fine-tune",
    "none": "none known",
}

# The Hub's classes of rows, in order.
_ROWS = {
    "n<1K": "under 1,000 rows",
    "1K<n<10K": "1,000 to 10,000 rows",
    "10K<n<100K": "10,000 to 100,000 rows",
    "100K<n<1M": "100,000 to 1 million rows",
    "1M<n<10M": "1 to 10 million rows",
    "10M<n<100M": "10 to 100 million rows",
    "100M<n<1B": "100 million to 1 billion rows",
    "1B<n<10B": "1 to 10 billion rows",
    "10B<n<100B": "10 to 100 billion rows",
    "100B<n<1T": "100 billion to 1 trillion rows",
    "n>1T": "over 1 trillion rows",
}


def sections(edition: Edition) -> list[Section]:
    return [
        Section(
            key="most-used",
            title="Which models do people use?",
            figures=[
                _top_models(edition, "downloads", "downloaded", "downloads in 30 days"),
                _top_models(edition, "likes", "liked", "likes"),
                _licences(edition),
            ],
        ),
        Section(
            key="who-publishes",
            title="Who publishes them?",
            figures=[_publishers(edition), _top_publishers(edition)],
        ),
        Section(
            key="dataset-properties",
            title="What are the datasets like?",
            figures=[
                _dataset_property(edition, "modality", "modality", "kind of data"),
                _dataset_property(edition, "format", "format", "format of files"),
                _dataset_property(edition, "size_categories", "size", "number of rows"),
            ],
        ),
    ]


def _top_models(edition: Edition, column: str, verb: str, unit: str) -> Figure:
    rows = sorted(edition.rows("top_models"), key=lambda row: (-row[column], row["model_id"]))[:15]
    return Figure(
        key=f"most_{verb}",
        heading=findings.most(rows, column, verb, unit),
        unit=f"The 15 models with most {unit}",
        table=Table(
            [
                Column("Model", lambda row: text.plain(row["model_id"]), is_number=False),
                Column("Task", lambda row: text.plain(row["task_name"]), is_number=False),
                Column("Parameters", _parameters),
                Column("Licence", lambda row: text.plain(row["licence"]) or "none", False),
                Column("Derived as", lambda row: _RELATIONS[row["relation"]], is_number=False),
                Column("Downloads in 30 days", lambda row: text.count(row["downloads"])),
                Column("Likes", lambda row: text.count(row["likes"])),
            ],
            rows,
        ),
        sample="Listed models. Downloads count every automatic one: a model that a common program "
        "loads by itself stands high.",
        is_open=True,
    )


def _parameters(row: Row) -> str:
    if row["parameters"] is None:
        return "not known"
    size = text.parameters(row["parameters"])
    return size if row["parameter_use"] == "counted" else f"{size} ({row['parameter_use']})"


def _licences(edition: Edition) -> Figure:
    rows = edition.rows("licences")
    named = [row for row in rows if row["licence"]]
    shown = sorted([*named[:_SHOWN], *(row for row in rows if not row["licence"])], key=_by_models)
    return Figure(
        key="licences",
        heading=findings.licences(rows),
        unit="Share of listed models by licence",
        description=f"Bar chart of models by licence. {findings.licences(rows)}.",
        chart=_share_bars(
            [
                (text.plain(row["licence"], 40) or "none named", row["share_of_models"])
                for row in shown
            ]
        ),
        table=Table(
            [
                Column("Licence", lambda row: text.plain(row["licence"]) or "none named", False),
                Column("Models", lambda row: text.count(row["models"])),
                Column("Share", lambda row: text.share(row["share_of_models"])),
            ],
            sorted(rows, key=_by_models),
        ),
        sample="Listed models, by the licence that their owner names; of several the first.",
    )


def _by_models(row: Row) -> tuple[Any, ...]:
    return -row["models"], row["licence"] or ""


def _publishers(edition: Edition) -> Figure:
    rows = edition.rows("publisher_sizes")
    return Figure(
        key="publishers",
        heading=findings.publishers(rows),
        unit="Share of publishers, and of downloads in the last 30 days, by number of models",
        description=(
            f"Bar chart of publishers by their number of models. {findings.publishers(rows)}."
        ),
        chart=(
            lambda width: bars(
                width,
                [
                    Bar(
                        _PUBLISHER_CLASSES[row["class_order"]],
                        [row["share_of_publishers"], row["share_of_downloads"] or 0],
                        [
                            text.share(row["share_of_publishers"]),
                            text.share(row["share_of_downloads"]),
                        ],
                    )
                    for row in rows
                ],
                ("Share of publishers", "Share of downloads"),
            )
        )
        if rows
        else None,
        table=Table(
            [
                Column("Publisher of", lambda row: _PUBLISHER_CLASSES[row["class_order"]], False),
                Column("Publishers", lambda row: text.count(row["publishers"])),
                Column("Their models", lambda row: text.count(row["models"])),
                Column("Share of models", lambda row: text.share(row["share_of_models"])),
                Column("Downloads", lambda row: text.count(row["downloads"])),
                Column("Share of downloads", lambda row: text.share(row["share_of_downloads"])),
            ],
            rows,
        ),
        sample="Owners of listed models: organisations and persons, which the listing does not "
        "tell apart.",
    )


def _top_publishers(edition: Edition) -> Figure:
    rows = edition.rows("top_publishers")
    return Figure(
        key="top_publishers",
        heading=findings.top_publishers(rows),
        unit="The 20 publishers whose models are downloaded most",
        table=Table(
            [
                Column("Publisher", lambda row: text.plain(row["publisher"]), is_number=False),
                Column("Models", lambda row: text.count(row["models"])),
                Column("Downloads in 30 days", lambda row: text.count(row["downloads"])),
                Column("Share of downloads", lambda row: text.share(row["share_of_downloads"])),
                Column("Likes", lambda row: text.count(row["likes"])),
            ],
            rows,
        ),
        sample="Owners of listed models.",
        is_open=True,
    )


def _dataset_property(edition: Edition, family: str, what: str, meaning: str) -> Figure:
    rows = [
        row | {"value": _ROWS.get(row["value"], row["value"])}
        for row in edition.rows("dataset_values")
        if row["family"] == family
    ]
    if family == "size_categories":
        order = list(_ROWS.values())
        rows = [row for row in rows if row["value"] in order]
        rows.sort(key=lambda row: order.index(row["value"]))
    heading = findings.dataset_property(rows, what)
    total = rows[0]["datasets_total"] if rows else None
    return Figure(
        key=f"datasets_by_{what}",
        heading=heading,
        unit=f"Share of all datasets by {meaning}",
        description=f"Bar chart of datasets by {what}. {heading}.",
        chart=_share_bars(
            [(text.plain(row["value"], 40), row["share_of_datasets"]) for row in rows[:_SHOWN]]
        ),
        table=Table(
            [
                Column(what.capitalize(), lambda row: text.plain(row["value"]), is_number=False),
                Column("Datasets", lambda row: text.count(row["datasets"])),
                Column("Share of all", lambda row: text.share(row["share_of_datasets"])),
            ],
            rows,
        ),
        sample=f"All {text.count(total)} listed datasets, by what the Hub finds in their files or "
        "their owner says; one can have several, and some have none.",
    )


def _share_bars(shares: list[tuple[str, float]]) -> Any:
    if not shares:
        return None
    return lambda width: bars(
        width, [Bar(label, [share], [text.share(share)]) for label, share in shares]
    )
