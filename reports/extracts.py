"""The tables as files: CSV and Parquet, and ``.hyper`` where Tableau's library is installed."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from reports import credit, hyper, metadata
from reports.dictionary import ColumnText, TableText
from reports.files import path_of
from reports.report_data import ReportData
from reports.warehouse import Warehouse

log = logging.getLogger(__name__)

# A spreadsheet has room for these below its header and would drop the rest without a word.
MOST_ROWS = 2**20 - 1

# Excel and its like read a cell that begins so as a formula, and a formula can send data away. The
# last four signs are the first four in full width, which some of them also take; what some of them
# pass over before it: spaces of any kind, byte-order marks and other characters without a shape.
FORMULA = "^(?:[\\t\\r\\n]|[\\p{Z}\\p{C}]*[=+\\-@\uff1d\uff0b\uff0d\uff20])"


@dataclass(frozen=True)
class Extract:
    """A table that is handed on.

    Attributes:
        table: what it is.
        columns: as written, described.
        rows: how many there are.
        files: CSV first; none where there are more rows than ``MOST_ROWS``.
    """

    table: TableText
    columns: list[ColumnText]
    rows: int
    files: list[Path]


def write_extracts(
    warehouse: Warehouse, tables: Iterable[TableText], folder: Path, data: ReportData
) -> list[Extract]:
    """Write every table or view that the warehouse has, and a data dictionary.

    Each file says of what it is, where it is from, under which licence and how to cite it: in
    Parquet's own metadata, and beside a CSV file in that of the W3C's "CSV on the Web".
    """
    folder.mkdir(parents=True, exist_ok=True)
    extracts = []
    for text in tables:
        if text.name not in warehouse.tables(text.schema):
            continue
        relation = f"{text.schema}.{text.name}"
        rows = warehouse.read(f"select count(*) as number from {relation}")["number"][0].as_py()
        if rows > MOST_ROWS:
            log.warning("%s has %s rows, too many for a file", relation, f"{rows:,}")
            schema = warehouse.read(f"select * from {relation} limit 0").schema
            extracts.append(Extract(text, text.describe(schema), rows, []))
            continue
        table = _in_order(warehouse.read(f"select * from {relation}"))
        files = [
            path_of(folder, text.name, suffix, marking=data.marking)
            for suffix in (".csv", ".parquet")
        ]
        write_csv(table, files[0])
        facts = metadata.facts(text, data)
        columns = text.describe(table.schema)
        described = metadata.within(table, facts, columns)
        pa.parquet.write_table(described, files[1], compression="zstd")
        metadata.write_beside(files[0], facts, columns)
        extracts.append(Extract(text, columns, rows, files))
    if hyper.is_installed():
        written = [extract for extract in extracts if extract.files]
        for extract in written:
            path = path_of(folder, extract.table.name, ".hyper", marking=data.marking)
            extract.files.append(path)
        hyper.write([(extract.files[1], extract.files[2]) for extract in written])
    _write_dictionary(
        extracts, data, path_of(folder, "data_dictionary", ".csv", marking=data.marking)
    )
    return extracts


def write_csv(table: pa.Table, path: Path) -> None:
    """Write a table as CSV in UTF-8; a text that would run as a formula gets a ' in front."""
    for index, field in enumerate(table.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            table = table.set_column(index, field, without_formulas(table.column(index)))
    pyarrow.csv.write_csv(table, path)


def without_formulas(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts with a ' in front of what a spreadsheet would run."""
    is_formula = pc.match_substring_regex(texts, FORMULA)
    return pc.if_else(is_formula, pc.binary_join_element_wise("'", texts, ""), texts)


def _in_order(table: pa.Table) -> pa.Table:
    """By its keys, which come first, so that the same data make the same file."""
    keys = [
        field.name
        for field in table.schema
        if pa.types.is_date(field.type) or pa.types.is_string(field.type)
    ]
    table = table.sort_by([(key, "ascending") for key in keys])
    # One engine gives a time zone, the other none; a spreadsheet wants neither, nor microseconds.
    return table.cast(
        pa.schema(
            field.with_type(pa.timestamp("s")) if pa.types.is_timestamp(field.type) else field
            for field in table.schema
        ),
        safe=False,
    )


def _write_dictionary(extracts: list[Extract], data: ReportData, path: Path) -> None:
    rows = [
        {
            "table": extract.table.name,
            "column": column.name,
            "type": column.type,
            "unit": column.unit,
            "aggregation": column.contract.aggregation if column.unit else "",
            "additive_over": ", ".join(column.contract.additive_over),
            "description": column.description,
            "rests_on": "; ".join(credit.of_table(extract.table, data)),
        }
        for extract in extracts
        for column in extract.columns
    ]
    write_csv(pa.Table.from_pylist(rows), path)
