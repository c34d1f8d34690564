"""Fields of a data source as the sheets of a workbook use them."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from xml.etree import ElementTree as xml

from reports.dictionary import ColumnText
from reports.tableau import AGGREGATIONS
from reports.workbook.dashboards import NEWEST, SNAPSHOT

# Tableau's own fields, which stand for the measures of a sheet and for their values.
MEASURE_NAMES = "[:Measure Names]"
MEASURE_VALUES = "[Multiple Values]"

_LETTERS = {"nominal": "nk", "ordinal": "ok", "quantitative": "qk"}


@dataclass(frozen=True)
class Source:
    """A table as a data source of the workbook.

    Attributes:
        element: its description, as data sources alone have it, with a name of its own.
        columns: with their contracts, by name.
        grain: the keys that tell its rows apart.
    """

    element: xml.Element
    columns: dict[str, ColumnText]
    grain: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.element.get("name", "")

    @property
    def caption(self) -> str:
        return self.element.get("caption", "")

    def link(self) -> xml.Element:
        """An element that names it where it is used."""
        return xml.Element("datasource", {"caption": self.caption, "name": self.name})

    def field(self, column: str) -> xml.Element:
        """The description of a field."""
        return next(one for one in self.element.iter("column") if one.get("name") == f"[{column}]")

    def qualified(self, field: str) -> str:
        """The name of a field outside its data source."""
        return f"[{self.name}].{field}"


def add_newest_snapshot(source: xml.Element) -> None:
    """Add a field to a data source that says whether a row is of the newest listing in it."""
    field = xml.Element(
        "column",
        {
            "caption": "Newest snapshot",
            "datatype": "boolean",
            "name": f"[{NEWEST}]",
            "role": "dimension",
            "type": "nominal",
        },
    )
    formula = f"[{SNAPSHOT}] = {{MAX([{SNAPSHOT}])}}"
    xml.SubElement(field, "calculation", {"class": "tableau", "formula": formula})
    source.append(field)


class Shelf:
    """Takes note of the fields that a sheet or a dashboard uses."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._instances: dict[str, dict[str, str]] = {}

    def dimension(self, column: str) -> str:
        """Use a field that tells rows apart."""
        kind = self.source.field(column).get("type", "")
        return self._use(column, "none", "None", kind)

    def time(self, column: str) -> str:
        """Use a date as a continuous axis: a month as such, a listing by its day."""
        if column == SNAPSHOT:
            return self._use(column, "none", "None", "quantitative")
        return self._use(column, "tmn", "Month-Trunc", "quantitative")

    def measure(self, column: str) -> str:
        """Use a number, whose rows combine as its contract says."""
        derivation = AGGREGATIONS[self.source.columns[column].contract.aggregation]
        return self._use(column, derivation.lower(), derivation, "quantitative")

    def attribute(self, column: str) -> str:
        """Use a text for what a mark says of itself: one that all of its rows have."""
        return self._use(column, "attr", "Attribute", "nominal")

    def dependencies(self) -> xml.Element:
        """The element that describes all fields in use."""
        needed = dict.fromkeys(one["column"].strip("[]") for one in self._instances.values())
        if NEWEST in needed:
            needed[SNAPSHOT] = None
        found = xml.Element("datasource-dependencies", {"datasource": self.source.name})
        for column in sorted(needed):
            field = deepcopy(self.source.field(column))
            for text in field.findall("desc"):
                field.remove(text)
            found.append(field)
        for name in sorted(self._instances):
            found.append(xml.Element("column-instance", self._instances[name]))
        return found

    def instances(self, fields: Sequence[str]) -> list[xml.Element]:
        """Elements that describe some of the fields in use, by their qualified names."""
        return [
            xml.Element("column-instance", attributes)
            for name, attributes in self._instances.items()
            if self.source.qualified(name) in fields
        ]

    def _use(self, column: str, prefix: str, derivation: str, kind: str) -> str:
        name = f"[{prefix}:{column}:{_LETTERS[kind]}]"
        self._instances[name] = {
            "column": f"[{column}]",
            "derivation": derivation,
            "name": name,
            "pivot": "key",
            "type": kind,
        }
        return self.source.qualified(name)
