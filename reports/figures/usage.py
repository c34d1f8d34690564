"""Sections on who and what is downloaded: concentration, regions, kinds of models."""

from collections.abc import Mapping, Sequence

from reports import text
from reports.charts import ACCENT, GREY, MAIN, Bar, Scale, Series, bars, time_series
from reports.figures import findings_of_usage as findings
from reports.figures.base import (
    Column,
    Figure,
    Section,
    Table,
    column,
    newest_first,
    of_all,
    share_bars,
    share_column,
)
from reports.figures.findings_of_history import newest_known
from reports.report_data import ReportData, Row

_MISSING = (
    "No month’s downloads are known yet: that takes snapshots around both of its ends. "
    "“make history” loads earlier listings from an archive."
)
_ESTIMATED = "; dashed where it is an estimate"


def sections(data: ReportData) -> list[Section]:
    """The sections on how concentrated downloads are, where publishers are, what is downloaded."""
    return [
        Section(
            key="concentration",
            title="How concentrated is their use?",
            figures=[_largest(data), _units(data)],
        ),
        Section(key="regions", title="Where are their publishers?", figures=[_regions(data)]),
        Section(
            key="use",
            title="What is downloaded?",
            figures=[
                _use(data, "size_band", "size", findings.SIZES),
                _use(data, "year_created", "year of creation", {}),
                _use(data, "relation", "relation to another model", findings.RELATIONS),
                _use(data, "licence_class", "class of licence", findings.LICENCES),
            ],
        ),
    ]


def _concentration(data: ReportData, unit: str) -> list[Row]:
    rows = data.rows("download_concentration", "month")
    return [row for row in rows if row["kind"] == "model" and row["unit"] == unit]


def _lines(named: Mapping[str, tuple[Sequence[Row], str]]) -> list[Series]:
    """A line for each name: rows by month, and the column that it shows."""
    colours = (MAIN, ACCENT, GREY)
    return [
        Series(
            name,
            colour,
            [(row["month"], row[field]) for row in rows],
            estimated=[row["month"] for row in rows if row["observation_status"] == "E"],
        )
        for (name, (rows, field)), colour in zip(named.items(), colours, strict=True)
    ]


def _largest(data: ReportData) -> Figure:
    rows = _concentration(data, "repository")
    known = [row for row in rows if row["downloads"]]
    tops = {"Top 1,000": "top_1000_share", "Top 100": "top_100_share", "Top 10": "top_10_share"}
    return Figure(
        key="download_concentration",
        heading=findings.concentration(rows),
        unit="Share of a month’s downloads of models that the most downloaded ones have"
        + (_ESTIMATED if _has_estimates(known) else ""),
        shape="Line chart of the shares of the 10, 100 and 1,000 most downloaded models by month.",
        chart=lambda width: time_series(
            width, _lines({name: (rows, field) for name, field in tops.items()}), _SHARES
        ),
        table=Table(_CONCENTRATION, newest_first(known)),
        sample="All models with a download in the month. Automatic downloads count, too: a model "
        "that a widely used program fetches by itself ranks high.",
        extract="download_concentration",
        missing="" if known else _MISSING,
    )


def _units(data: ReportData) -> Figure:
    named = {"Publishers": "publisher", "Families": "family", "Models": "repository"}
    rows = {name: _concentration(data, unit) for name, unit in named.items()}
    known = [row for row in rows["Models"] if row["downloads"]]
    return Figure(
        key="concentration_by_unit",
        heading=findings.units(*rows.values()),
        unit="Share of a month’s downloads of models that the 10 most downloaded publishers, "
        "families and models have" + (_ESTIMATED if _has_estimates(known) else ""),
        shape="Line chart of the shares of the 10 most downloaded publishers, families of models "
        "and models by month.",
        chart=lambda width: time_series(
            width, _lines({name: (some, "top_10_share") for name, some in rows.items()}), _SHARES
        ),
        table=Table(
            [
                _MONTH,
                _VALUE,
                *(_top_10(f"10 {name.lower()}", some) for name, some in rows.items()),
                *(_equals(name.lower(), some) for name, some in rows.items()),
            ],
            newest_first(known),
        ),
        sample="A family is a model and all that is built on it by what its makers declare; one of "
        "several parents counts in each by its part.",
        notes=["Effective number: how many with the same downloads each would be as concentrated."],
        extract="download_concentration",
        missing="" if known else _MISSING,
    )


def _regions(data: ReportData) -> Figure:
    rows = [row for row in data.rows("downloads_by_region", "month") if row["kind"] == "model"]
    newest = newest_known(rows)
    shown = [row for row in rows if newest and row["month"] == newest["month"]]
    located = [row for row in findings.in_order(shown) if row["region"] not in findings.OPEN]
    return Figure(
        key="downloads_by_region",
        heading=findings.regions(shown),
        unit="Share of downloads of models"
        + (_in_month(newest) if newest else "")
        + " by the publisher’s region, between two bounds",
        shape="Bar chart with two bars for each region: the least and the most its share can be.",
        chart=lambda width: bars(
            width,
            [
                Bar(
                    _capital(findings.REGIONS[row["region"]]),
                    [row["share_low"] or 0, row["share_high"] or 0],
                    [text.share(row["share_low"]), text.share(row["share_high"])],
                )
                for row in located
            ],
            ["At least", "At most"],
        ),
        table=Table(_REGIONS, findings.in_order(shown)),
        sample="The region of the publisher, not of whoever downloads, as public sources state "
        "it. For most publishers none does; a few work worldwide, or sources disagree.",
        notes=[
            "At least: publishers known to be in the region. At most: with everything unknown or "
            "worldwide added. Where the ranges of two regions overlap, nobody knows which has "
            "more.",
            "A publisher is missing or in the wrong place? CONTRIBUTING.md says how to correct "
            "seeds/publishers.csv.",
        ],
        extract="downloads_by_region",
        missing="" if newest else _MISSING,
    )


def _use(data: ReportData, dimension: str, by: str, names: Mapping[str, str]) -> Figure:
    every = [row for row in data.rows("use_of_models", "value") if row["dimension"] == dimension]
    rows = [row for row in every if row["is_newest_month"]]
    rows += [rows[0] | {"value": name} | _NONE for name in _without_models(rows, names)]
    places = [*names, "before-2022-03"]
    rows.sort(key=lambda row: places.index(row["value"]) if row["value"] in places else len(places))

    def name(row: Row) -> str:
        return _capital(findings.name_of(row["value"], names))

    return Figure(
        key=f"use_by_{dimension}",
        heading=findings.use(every, dimension, by, names),
        unit="Share of the models with a download, and of downloads of models"
        + (_in_month(rows[0]) if rows else "")
        + f", by {by}",
        shape=f"Bar chart with two bars for each {by}: its share of models, and of downloads.",
        chart=share_bars(
            rows,
            name,
            ("Share of models", "share_of_models"),
            ("Share of downloads", "share_of_downloads"),
        ),
        table=Table(
            [
                Column(by.capitalize(), name, is_number=False),
                column("Models with a download", "models"),
                share_column("Share of models", "share_of_models", of_all(rows, "models")),
                column("Downloads", "downloads"),
                share_column("Share of downloads", "share_of_downloads", of_all(rows, "models")),
            ],
            rows,
        ),
        sample="All models with a download in the month, by what their newest listing says.",
        extract="usage_by_month",
        missing="" if rows else _MISSING,
    )


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _without_models(rows: Sequence[Row], names: Mapping[str, str]) -> list[str]:
    """Classes that no model with a download is in: a reader should see that they are empty."""
    there = {row["value"] for row in rows}
    return [name for name in names if name not in there] if rows else []


def _in_month(row: Row) -> str:
    estimate = ", an estimate," if row["observation_status"] == "E" else ""
    return f" in {text.month(row['month'])}{estimate}"


def _has_estimates(rows: Sequence[Row]) -> bool:
    return any(row["observation_status"] == "E" for row in rows)


def _top_10(heading: str, rows: Sequence[Row]) -> Column:
    shares = {row["month"]: row["top_10_share"] for row in rows}
    return Column(heading, lambda row: text.share(shares[row["month"]]))


def _equals(units: str, rows: Sequence[Row]) -> Column:
    numbers = {row["month"]: row["effective_number"] for row in rows}
    return Column(f"Effective number of {units}", lambda row: _number(numbers[row["month"]]))


def _number(value: float | None) -> str:
    return "–" if value is None else text.rounded(value)


_NONE = {"models": 0.0, "downloads": 0.0, "share_of_models": 0.0, "share_of_downloads": 0.0}
_SHARES = Scale(text.share)
_MONTH = Column("Month", lambda row: text.month(row["month"]), is_number=False)
_VALUE = Column(
    "Value",
    lambda row: "exact" if row["observation_status"] == "A" else "estimate",
    is_number=False,
)
_CONCENTRATION = (
    _MONTH,
    _VALUE,
    column("Top 10", "top_10_share", text.share),
    column("Top 100", "top_100_share", text.share),
    column("Top 1,000", "top_1000_share", text.share),
    column("Top 1%", "top_1_percent_share", text.share),
    Column("Effective number of models", lambda row: _number(row["effective_number"])),
    Column("Gini, with a download", lambda row: f"{row['gini_active']:.3f}"),
    Column("Gini, all", lambda row: f"{row['gini_all']:.3f}"),
    column("With a download", "active_units"),
    column("All", "units"),
)
_REGIONS = (
    Column("Region", lambda row: _capital(findings.REGIONS[row["region"]]), is_number=False),
    column("At least", "share_low", text.share),
    column("At most", "share_high", text.share),
    column("Of what is located", "share_of_located", text.share),
    column("Publishers with a download", "publishers"),
    column("Downloads", "downloads"),
    column("New models", "new_repositories"),
)
