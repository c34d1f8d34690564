"""The tables as one workbook for a spreadsheet, with the data dictionary as its first sheet."""

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow.parquet
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports import credit
from reports.extracts import Extract
from reports.files import path_of
from reports.report_data import ReportData

# Rows times columns: a larger table takes seconds to write and to open, and has files of its own.
MOST_CELLS = 1_000_000

_LONGEST_NAME = 31  # of a sheet
_HEADINGS = ("sheet", "column", "type", "unit", "aggregation", "description")


def write_spreadsheet(extracts: Sequence[Extract], folder: Path, data: ReportData) -> Path:
    """Write every table that is a statistic and not too large, each into a sheet.

    No text runs as a formula: each cell is written as what it is.
    """
    name = f"hub_observatory_{data.snapshot_date.isoformat()}"
    path = path_of(folder, name, ".xlsx", marking=data.marking)
    day = datetime.combine(data.snapshot_date, time())  # the same data make the same file
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as workbook:
        workbook.set_properties({"title": "Hub Observatory", "created": day})
        bold = workbook.add_format({"bold": True})
        days = workbook.add_format({"num_format": "yyyy-mm-dd"})
        included = [extract for extract in extracts if is_included(extract)]
        _write_dictionary(workbook.add_worksheet("dictionary"), included, data, bold)
        for extract in included:
            sheet = workbook.add_worksheet(sheet_name(extract))
            _write_table(sheet, pyarrow.parquet.read_table(extract.files[1]), bold, days)
    return path


def is_included(extract: Extract) -> bool:
    """Decide whether a table is a sheet: no list of single models, and not too large."""
    is_small = extract.rows * len(extract.columns) <= MOST_CELLS
    return bool(extract.files) and is_small and not extract.table.no_sdmx


def sheet_name(extract: Extract) -> str:
    """The table's name, cut to what a sheet's name may be."""
    return extract.table.name[:_LONGEST_NAME]


def _write_dictionary(
    sheet: Worksheet, extracts: Sequence[Extract], data: ReportData, bold: Format
) -> None:
    mark = [f"{data.marking.label}: {data.marking.warning}"] if data.marking else []
    lines = [*mark, credit.source(data), credit.terms(data), ""]
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line, bold if mark and row == 0 else None)
    for column, heading in enumerate(_HEADINGS):
        sheet.write_string(len(lines), column, heading, bold)
    row = len(lines)
    for extract in extracts:
        for one in extract.columns:
            row += 1
            aggregation = one.contract.aggregation if one.unit else ""
            said = (one.name, one.type, one.unit, aggregation, one.description)
            for column, cell in enumerate((sheet_name(extract), *said)):
                sheet.write_string(row, column, cell)
    sheet.set_column(0, 1, 34)
    sheet.set_column(5, 5, 120)


def _write_table(sheet: Worksheet, table: pyarrow.Table, bold: Format, days: Format) -> None:
    for column, name in enumerate(table.column_names):
        sheet.write_string(0, column, name, bold)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, table.num_rows, table.num_columns - 1)
    sheet.set_column(0, table.num_columns - 1, 16)
    columns = [column.to_pylist() for column in table.columns]
    for row, cells in enumerate(zip(*columns, strict=True), start=1):
        for column, cell in enumerate(cells):
            _write_cell(sheet, row, column, cell, days)


def _write_cell(sheet: Worksheet, row: int, column: int, cell: Any, days: Format) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell)
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, days)
    else:
        sheet.write_string(row, column, cell)
