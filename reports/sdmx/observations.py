"""The rows of a table as observations: SDMX-CSV 2.0."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from reports.dictionary import ColumnText
from reports.extracts import without_formulas
from reports.sdmx.code_lists import CodeLists
from reports.sdmx.cube import STATUS, UNIT_COLUMN, UNIT_OF_ROW, Cube
from reports.sdmx.identifiers import AGENCY, code_id, unit_id
from reports.sdmx.structures import flow_id

# How SDMX writes a number that is missing; an empty field would say that it is unchanged.
_NO_VALUE = "NaN"

# By unit: decimal places that say something. Others show two, whole numbers none.
_DECIMALS = {
    "fraction": "4",
    "current US dollars per million parameters": "6",
    "models lost per model and month": "6",
    "parameters": "0",
    "downloads": "0",
    UNIT_OF_ROW: "6",
}


def write_observations(cube: Cube, table: pa.Table, lists: CodeLists, path: Path) -> None:
    """Write a table's observations, a measure after the other, each in the order of the table."""
    common = _common(cube, table, lists)
    parts = [_of_measure(cube, measure, table, common, lists.version) for measure in cube.measures]
    options = pyarrow.csv.WriteOptions(quoting_style="needed")
    pyarrow.csv.write_csv(pa.concat_tables(parts), path, options)


def _common(cube: Cube, table: pa.Table, lists: CodeLists) -> dict[str, pa.ChunkedArray]:
    """Texts that every observation of a row has, by component."""
    found = {}
    for column in cube.coded:
        values = table[column.name]
        is_key = column in cube.dimensions
        if lists.list_of(column):
            found[column.name.upper()] = _mapped(values, code_id, keep_missing=not is_key)
        elif pa.types.is_string(values.type):
            found[column.name.upper()] = without_formulas(values)
        else:
            found[column.name.upper()] = _written(values)
    found["TIME_PERIOD"] = pc.strftime(table[cube.time], cube.time_format)
    return found


def _written(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(values.type):
        return pc.strftime(values, "%Y-%m-%dT%H:%M:%S")
    return values.cast(pa.string())


def _mapped(
    values: pa.ChunkedArray, function: Callable[[str | None], str], *, keep_missing: bool
) -> pa.ChunkedArray:
    """Each value through a function, which is called once for each that is different."""
    different = values.unique().to_pylist()
    results = [None if one is None and keep_missing else function(one) for one in different]
    places = pc.index_in(values, pa.array(different, values.type))
    return pc.take(pa.array(results, pa.string()), places)


def _of_measure(
    cube: Cube,
    measure: ColumnText,
    table: pa.Table,
    common: dict[str, pa.ChunkedArray],
    version: str,
) -> pa.Table:
    values = table[measure.name]

    def constant(text: str) -> pa.Array:
        return pa.repeat(text, table.num_rows)

    if measure.unit == UNIT_OF_ROW:
        units = _mapped(table[UNIT_COLUMN], lambda unit: unit_id(unit or ""), keep_missing=False)
    else:
        units = constant(unit_id(measure.unit))
    decimals = "0" if measure.type == "whole number" else _DECIMALS.get(measure.unit, "2")
    columns = {
        "STRUCTURE": constant("dataflow"),
        "STRUCTURE_ID": constant(f"{AGENCY}:{flow_id(cube)}({version})"),
        "ACTION": constant("I"),
        "FREQ": constant(cube.frequency),
        "MEASURE": constant(code_id(measure.name)),
        **{column.name.upper(): common[column.name.upper()] for column in cube.dimensions},
        "TIME_PERIOD": common["TIME_PERIOD"],
        "OBS_VALUE": values.cast(pa.string()).fill_null(_NO_VALUE),
        "OBS_STATUS": _status(table, values),
        "UNIT_MEASURE": units,
        "UNIT_MULT": constant("0"),
        "DECIMALS": constant(decimals),
        **{column.name.upper(): common[column.name.upper()] for column in cube.attributes},
    }
    return pa.table(columns)


def _status(table: pa.Table, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The status of each value: its row's, unless that says that it is missing, and it is there.

    A value that is not there is suppressed where its row is, else missing.
    """
    of_value = pa.repeat("A", table.num_rows)
    for column in ("is_complete_month", "is_complete_week"):
        if column in table.column_names:
            of_value = pc.if_else(table[column], of_value, "P")
    of_row = table[STATUS] if STATUS in table.column_names else of_value
    is_suppressed = pc.equal(of_row, "Q")
    # A suppressed row shows its counts, and an empty one may.
    says_missing = pc.or_(is_suppressed, pc.equal(of_row, "O"))
    there = pc.if_else(says_missing, of_value, of_row)
    return pc.if_else(pc.is_valid(values), there, pc.if_else(is_suppressed, "Q", "O"))
