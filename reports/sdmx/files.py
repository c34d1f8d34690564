"""The files that a report has as SDMX."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time
from pathlib import Path

import pyarrow.parquet
from pysdmx.io.format import Format
from pysdmx.model import Organisation
from pysdmx.model.message import Header

from reports.extracts import Extract
from reports.files import path_of
from reports.report_data import ReportData
from reports.sdmx.code_lists import CodeLists
from reports.sdmx.cube import UNIT_COLUMN, UNIT_OF_ROW, Cube, cube
from reports.sdmx.identifiers import AGENCY
from reports.sdmx.observations import write_observations
from reports.sdmx.structures import structures

# By the end of a file's name. Many tools read SDMX-ML 2.1 alone, which can say all that is here.
_STRUCTURE_FORMATS = {
    ".xml": Format.STRUCTURE_SDMX_ML_3_0,
    "_2.1.xml": Format.STRUCTURE_SDMX_ML_2_1,
    ".json": Format.STRUCTURE_SDMX_JSON_2_0_0,
}
# pysdmx 1.21 writes it into each data structure; the schema of SDMX-JSON wants a group, or nothing.
_NO_GROUPS = re.compile(r',"groups":\[\](?=})')


def write_sdmx(
    extracts: Iterable[Extract], lists: CodeLists, folder: Path, data: ReportData
) -> list[Path]:
    """Write the structures once, and the observations of each table beside its extract.

    Args:
        lists: those of the seeds; what the tables hold is added.
    """
    # Slow to import, for pandas comes with it.
    from pysdmx.io import write_sdmx as write_message

    folder.mkdir(parents=True, exist_ok=True)
    published = [one for one in extracts if one.files and not one.table.no_sdmx]
    for extract in published:
        lists.declare(extract.columns)
    cubes = [cube(extract, lists) for extract in published]
    written = []
    for of_table in cubes:
        table = pyarrow.parquet.read_table(of_table.extract.files[1])
        _add_codes(of_table, table, lists)
        path = path_of(folder, of_table.name, ".csv", marking=data.marking)
        write_observations(of_table, table, lists, path)
        written.append(path)
    artefacts = structures(cubes, lists, data)
    for suffix, form in _STRUCTURE_FORMATS.items():
        path = path_of(folder, "structures", suffix, marking=data.marking)
        message = write_message(artefacts, form, header=_header(data), prettyprint=False)
        path.write_text(_NO_GROUPS.sub("", message or ""), encoding="utf-8")
        written.append(path)
    return written


def _add_codes(of_table: Cube, table: pyarrow.Table, lists: CodeLists) -> None:
    for column in of_table.coded:
        lists.add(column, table)
    for measure in of_table.measures:
        if measure.unit == UNIT_OF_ROW:
            lists.units |= set(table[UNIT_COLUMN].unique().to_pylist())
        else:
            lists.units.add(measure.unit)


def _header(data: ReportData) -> Header:
    """The sender and the day; the same data make the same message."""
    return Header(
        id=f"STRUCTURES-{data.snapshot_date.isoformat()}",
        test=data.is_synthetic,
        prepared=datetime.combine(data.snapshot_date, time(), UTC),
        sender=Organisation(AGENCY),
    )
