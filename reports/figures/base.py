"""Figures of the page: a heading that says what the data say, a chart, and what is beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from reports import text
from reports.charts import Bar, Series, bars
from reports.report_data import Row

# Fewer things than this do not carry a percentage.
ENOUGH = 100


@dataclass(frozen=True)
class Column:
    """A column of a table for readers.

    Attributes:
        heading: with the unit, where there is one.
        cell: what it shows of a row.
        is_number: whether it is set flush right.
    """

    heading: str
    cell: Callable[[Row], str]
    is_number: bool = True


def column(heading: str, field: str, show: Callable[[Any], str] = text.count) -> Column:
    """A column of numbers: a field of the rows, as one of ``reports.text`` shows it."""
    return Column(heading, lambda row: show(row[field]))


def share_column(
    heading: str,
    field: str,
    base: Callable[[Row], int | None],
    show: Callable[[Any], str] = text.share,
) -> Column:
    """A column of percentages, with a dash where they rest on fewer than ``ENOUGH`` things."""
    return Column(
        heading, lambda row: show(row[field]) if (base(row) or 0) >= ENOUGH else text.share(None)
    )


def of_all(rows: Sequence[Row], field: str) -> Callable[[Row], int | None]:
    """The base of shares that add up to 1 over the rows: the sum of a column."""
    total = sum(row[field] or 0 for row in rows)
    return lambda row: total


def words(heading: str, field: str, none: str = "–") -> Column:
    """A column of names, which strangers chose; ``none`` where there is none."""
    return Column(heading, lambda row: text.plain(row[field]) or none, is_number=False)


@dataclass(frozen=True)
class Table:
    """Rows as readers see them."""

    columns: Sequence[Column]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Figure:
    """One figure of the page.

    Attributes:
        key: names its files and its place on the page.
        heading: the finding; neutral where the data say nothing.
        unit: what is shown, and in which unit.
        shape: the chart in a sentence, for who cannot see it; the heading says what it shows.
        table: what is behind the chart, or the figure itself where there is no chart.
        chart: draws it for a width in pixels; gives None where there is nothing to draw.
        sample: which models or datasets it is about, and how large a part of them.
        notes: caveats, and what the numbers on the chart mean.
        extract: the table of ``extracts/`` that it can be made from.
        narrow_unit: what a phone's chart leaves out, where it leaves something out.
        is_open: whether the table is shown without being asked for.
        missing: why there is neither chart nor table; they are not asked for then.
        is_of_newest: whether it is of the newest listing alone, and owes nothing to earlier ones.
        is_of_records: whether it depends on the records at all, and so on which of them there are.
    """

    key: str
    heading: str
    unit: str
    shape: str = ""
    table: Table | None = None
    chart: Callable[[int], Any] | None = None
    sample: str = ""
    notes: Sequence[str] = ()
    extract: str | None = None
    narrow_unit: str = ""
    is_open: bool = False
    missing: str = ""
    is_of_newest: bool = False
    is_of_records: bool = True

    @property
    def description(self) -> str:
        """The chart in words, for a person who cannot see it."""
        return f"{self.shape} {self.heading}."


@dataclass(frozen=True)
class Section:
    """Figures under one title."""

    key: str
    title: str
    figures: Sequence[Figure]
    introduction: str = ""


def complete(rows: Sequence[Row]) -> list[Row]:
    """Rows of months that were over when the snapshot was taken, in order."""
    return [row for row in rows if row["is_complete_month"]]


def newest(rows: Sequence[Row]) -> Row | None:
    """The row of the newest complete month."""
    return max(complete(rows), key=lambda row: row["month"], default=None)


def year_before(rows: Sequence[Row], row: Row) -> Row | None:
    """The row of the same month a year earlier."""
    month = row["month"].replace(year=row["month"].year - 1)
    return next((other for other in rows if other["month"] == month), None)


def line(
    name: str, colour: str, rows: Sequence[Row], column: str, low: str = "", high: str = ""
) -> Series:
    """A column as a line over the complete months, and the running month as a dot.

    Args:
        low, high: columns that bound a range around it, where there is one.
    """
    running = [row for row in rows if not row["is_complete_month"] and row[column] is not None]
    return Series(
        name,
        colour,
        [(row["month"], row[column]) for row in complete(rows)],
        running=(running[0]["month"], running[0][column]) if running else None,
        ranges=[(row["month"], row[low], row[high]) for row in complete(rows)] if low else (),
        unreliable=[row["month"] for row in complete(rows) if row.get("is_low_reliability")],
    )


def share_bars(
    rows: Sequence[Row], name: Callable[[Row], str], *shares: tuple[str, str]
) -> Callable[[int], Any]:
    """Bars of one share of each row, or of two to be compared.

    Args:
        shares: of each its name, shown where there are two, and its column.
    """

    def chart(width: int) -> Any:
        shown = [
            Bar(
                name(row),
                [row[share] or 0 for _, share in shares],
                [text.share(row[share]) for _, share in shares],
            )
            for row in rows
        ]
        return bars(width, shown, [name for name, _ in shares])

    return chart


def suppressed(row: Row | None) -> str:
    """The reason why the summary has no figure of a month's models."""
    which = f" of the month’s {models_of(row)}" if row else " of the month’s models"
    return f"suppressed: known for too few{which}"


def newest_first(rows: Sequence[Row]) -> list[Row]:
    """Months as a table has them: the newest on top."""
    return sorted(rows, key=lambda row: row["month"], reverse=True)


MONTH = Column(
    "Month",
    lambda row: text.month(row["month"]) + ("" if row["is_complete_month"] else ", running"),
    is_number=False,
)

POPULATIONS = {
    "all": "all models",
    "no_known_parent": "no declared or detected parent",
    "derived": "derived models",
}


def population(row: Row) -> str:
    """Name, in words, the models that a row counts."""
    return POPULATIONS[row["population"]]


def part(row: Row, models: str) -> str:
    """Say which part of a month's new models a column counts: ``40 of 200 models, or 20%``."""
    said = f"{text.count(row[models])} of {text.count(row['new_models'])} {models_of(row)}"
    return said if row["new_models"] < ENOUGH else f"{said}, or {text.share(row['coverage'])}"


def models_of(row: Row) -> str:
    """Name the models that a row is about, within a sentence."""
    name = population(row)
    return f"models with {name}" if row["population"] == "no_known_parent" else name


def new_model_of(row: Row) -> str:
    """Name one of the new models that a row is about, within a sentence."""
    return (
        "new model"
        + {
            "all": " of all",
            "no_known_parent": " with no declared or detected parent",
            "derived": " derived from another",
        }[row["population"]]
    )


def size_class(row: Row) -> str:
    """Name a class of size in words: ``under 1 billion``, ``4 to 10 billion``."""
    first, end = row["parameters_from"], row["parameters_to"]
    if first is None:
        return "size not known"
    if end is None:
        return f"{first / 1e9:g} billion and more"
    return f"{f'{first / 1e9:g} to' if first else 'under'} {end / 1e9:g} billion"


# Of rows that are the headline's: of all models first, and later of those without a parent.
POPULATION = Column("Population", population, is_number=False)

RELIABILITY = Column(
    "Low reliability", lambda row: "yes" if row["is_low_reliability"] else "", is_number=False
)
