"""The tables of the explorer: read from the warehouse, and made small for a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any

import pyarrow as pa

from reports import text
from reports.dictionary import SCHEMAS, ColumnText, TableText, read_dictionary
from reports.errors import ReportError
from reports.explorer.views import VIEWS, ExploredTable
from reports.exposure import read_limits_of_explorer
from reports.figures.base import POPULATIONS
from reports.figures.findings_of_usage import LICENCES, RELATIONS, SIZES
from reports.sdmx import CodeLists
from reports.tableau import NO_MEASURE
from reports.warehouse import Warehouse

STATUS = "observation_status"

# A number is written with so many digits: a chart shows three, and the extracts have all.
_DIGITS = 7

# Names of values that no seed holds, as the page has them.
_WORDS: Mapping[str, Mapping[str, str]] = {
    "population": POPULATIONS,
    "size_band": SIZES,
    "relation": RELATIONS,
    "licence_class": LICENCES,
}
_NO_ANSWER = {"before-2022-03": "before March 2022", "not-declared": "not declared"}


@dataclass(frozen=True)
class Read:
    """A table as the explorer has it: what it is, its columns by their contracts, and its rows."""

    explored: ExploredTable
    text: TableText
    columns: list[ColumnText]
    rows: pa.Table


def read_tables(warehouse: Warehouse) -> list[Read]:
    """Read every table of the explorer.

    Raises:
        ReportError: one is not there, or dbt's manifest does not describe it.
    """
    explored = [table for view in VIEWS for table in view.tables]
    there = {schema: warehouse.tables(schema) for schema in {one.schema for one in explored}}
    if missing := [str(one) for one in explored if one.table not in there[one.schema]]:
        raise ReportError(
            f"{warehouse.name} lacks tables that the explorer reads: {', '.join(missing)}. "
            "'make build' makes them, of a Hub that 'make load' has loaded, with the same HUB."
        )
    limits = read_limits_of_explorer()
    texts = {one.name: one for one in read_dictionary((*SCHEMAS, "reporting"))}
    found = []
    for one in explored:
        described = texts[one.table]
        rows = warehouse.read(query(one, described, limits))
        found.append(Read(one, described, described.describe(rows.schema), rows))
    return found


def query(one: ExploredTable, described: TableText, limits: Mapping[str, int]) -> str:
    """SQL that reads a table, cut to its largest values, in its order; on both engines."""
    columns = ", ".join(described.columns)
    kept = f"({one.only})" if one.only else "true"
    order = ", ".join(described.keys)
    if one.largest is None:
        return f"select {columns} from {one} where {kept} order by {order}"
    cut = one.largest
    grouped = f"{cut.within}, {cut.key}" if cut.within else cut.key
    partition = f"partition by {cut.within} " if cut.within else ""
    return (
        f"select {columns} from {one} inner join (select {grouped}, row_number() over "
        f"({partition}order by coalesce(sum({cut.by}), 0) desc, {cut.key}) as place_of_value "
        f"from {one} where {kept} group by {grouped}) as ranked using ({grouped}) "
        f"where {kept} and place_of_value <= {limits[cut.limit]} order by {order}"
    )


def measures(one: Read) -> list[dict[str, Any]]:
    """Describe the numbers of a table, each with the ends of its range where it has one.

    An end is no measure of its own.
    """
    names = {column.name for column in one.columns}
    numbers = [column for column in one.columns if column.unit not in NO_MEASURE]
    ranges = {column.name: _ends(column.name, names, one.explored) for column in numbers}
    ends = set(chain.from_iterable(ranges.values()))
    ends |= {name for name in names if name.endswith(("_ci_low", "_ci_high"))}
    return [
        {
            "column": column.name,
            "unit": column.unit,
            "about": column.description,
            "combines": column.additivity,
            "ends": ranges[column.name],
        }
        for column in numbers
        if column.name not in ends
    ]


def _ends(column: str, names: set[str], explored: ExploredTable) -> tuple[str, ...]:
    stem = column.removesuffix("_central")
    likely = (
        explored.ends.get(column, ()),
        (f"{stem}_low", f"{stem}_high"),
        (f"{column}_ci_low", f"{column}_ci_high"),
    )
    return next((ends for ends in likely if ends and names.issuperset(ends)), ())


def compact(one: Read, lists: CodeLists) -> dict[str, Any]:
    """A table by its columns, for JSON.

    A column of numbers is a list. Of any other each value stands once, a text with its name for
    readers, and then by its place; one that is the same in every row stands alone.
    """
    rows = one.rows.to_pylist()
    return {
        "rows": len(rows),
        "columns": {
            column.name: _column(column, rows, lists)
            for column in one.columns
            if not _is_name(column.name, one)
        },
    }


def _is_name(column: str, one: Read) -> bool:
    """True for the names of the column before it, which carries them."""
    return column.endswith("_name") and column.removesuffix("_name") in one.rows.column_names


def _column(column: ColumnText, rows: list[dict[str, Any]], lists: CodeLists) -> Any:
    values: Iterable[Any]
    if column.type in ("number", "whole number"):
        return [_number(row[column.name]) for row in rows]
    if column.type == "text":
        values = [_named(column, row, lists) for row in rows]
    else:
        values = [_as_written(row[column.name]) for row in rows]
    places: dict[Any, int] = {}
    at = [places.setdefault(value, len(places)) for value in values]
    of = list(places)
    return {"of": of} if len(of) < 2 else {"of": of, "at": at}


def _named(column: ColumnText, row: dict[str, Any], lists: CodeLists) -> tuple[str, str] | None:
    """A text with its name; what a stranger chose is made fit to be shown."""
    value = row[column.name]
    if value is None:
        return None
    # What the values of a table are of can be said by another of its columns.
    of = row["dimension"] if column.name == "value" else column.name
    known = row.get(f"{column.name}_name") or _WORDS.get(of, {}).get(value)
    known = known or lists.names.get(of, {}).get(value) or _NO_ANSWER.get(value)
    if not known and column.contract.accepted:
        known = value.replace("_", " ")
    return value, text.plain(f"{known[:1].upper()}{known[1:]}" if known else value, 120)


def _number(value: float | int | None) -> float | int | None:
    if not isinstance(value, float):
        return None if value is None else int(value)
    short = float(f"{value:.{_DIGITS}g}")
    return int(short) if short.is_integer() else short


def _as_written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else value
