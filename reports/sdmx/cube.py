"""A table as a cube: which columns are its key, what it measures, and what is said beside it."""

from dataclasses import dataclass

from reports.dictionary import ColumnText
from reports.extracts import Extract
from reports.sdmx.code_lists import CodeLists
from reports.tableau import NO_MEASURE

# By the key of time: its code in CL_FREQ, and how strftime writes a day as SDMX's period.
_TIMES = {"month": ("M", "%Y-%m"), "week": ("W", "%G-W%V")}
# Listings come when somebody lists the Hub.
_SNAPSHOT = ("snapshot_date", "I", "%Y-%m-%d")

# What is SDMX's own attribute here.
STATUS = "observation_status"
# Of a measure whose rows have units of their own: that unit, and the column that names it.
UNIT_OF_ROW = "unit of the figure"
UNIT_COLUMN = "unit"


@dataclass(frozen=True)
class Cube:
    """A table by the roles of its columns.

    Every measure is an observation of its own: MEASURE names the column, OBS_VALUE has the number.

    Attributes:
        time: the column that becomes TIME_PERIOD.
        frequency: its code in CL_FREQ.
        time_format: of strftime.
        dimensions: the other keys.
        measures: the numbers.
        attributes: what else the rows say, but names of codes.
    """

    extract: Extract
    time: str
    frequency: str
    time_format: str
    dimensions: list[ColumnText]
    measures: list[ColumnText]
    attributes: list[ColumnText]

    @property
    def name(self) -> str:
        return self.extract.table.name

    @property
    def coded(self) -> list[ColumnText]:
        return [*self.dimensions, *self.attributes]


def cube(extract: Extract, lists: CodeLists) -> Cube:
    """Give each column of a table its role, by the table's key and each column's contract."""
    keys = extract.table.keys
    time, frequency, form = next(
        ((name, *_TIMES[name]) for name in keys if name in _TIMES), _SNAPSHOT
    )
    columns = {column.name: column for column in extract.columns}
    others = [column for name, column in columns.items() if name not in (*keys, time, STATUS)]
    measures = [column for column in others if column.unit not in NO_MEASURE]
    said_elsewhere = {f"{name}_name" for name in columns if lists.list_of(columns[name])}
    if any(column.unit == UNIT_OF_ROW for column in measures):
        said_elsewhere.add(UNIT_COLUMN)
    return Cube(
        extract=extract,
        time=time,
        frequency=frequency,
        time_format=form,
        dimensions=[columns[name] for name in keys if name != time],
        measures=measures,
        attributes=[
            column
            for column in others
            if column.unit in NO_MEASURE and column.name not in said_elsewhere
        ],
    )
