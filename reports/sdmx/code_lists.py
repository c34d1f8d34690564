"""Code lists: SDMX's own, in part, and those that seeds, tests and data make."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
from pysdmx.model import Code, Codelist

from reports import text
from reports.dictionary import ColumnText
from reports.manifest import read_manifest
from reports.sdmx.identifiers import AGENCY, code_id, unit_id, urn, version
from reports.warehouse import Warehouse

# Of SDMX's own lists, which have many more codes: what is used here, in SDMX's words.
FREQUENCIES = {"M": "Monthly", "W": "Weekly", "I": "Irregular"}
STATUSES = {
    "A": "Normal value",
    "E": "Estimated value",
    "O": "Missing value",
    "P": "Provisional value",
    "Q": "Missing value; suppressed",
    "U": "Low reliability",
}
MULTIPLIERS = {"0": "Units"}
DECIMALS = {"0": "Zero", "2": "Two", "4": "Four", "6": "Six"}
_OF_SDMX = (
    ("CL_FREQ", "2.1", "Frequency", FREQUENCIES),
    ("CL_OBS_STATUS", "2.2", "Observation status", STATUSES),
    ("CL_UNIT_MULT", "1.1", "Unit multiplier", MULTIPLIERS),
    ("CL_DECIMALS", "1.0", "Decimals", DECIMALS),
)


@dataclass
class CodeLists:
    """Names of codes by list, in the order in which readers meet them.

    Attributes:
        version: of every list of this project.
        names: names by value by list, which is named as the column that it was made for; None is
            the value of a row that has none.
        units: those of the measures.
        origins: of a list that a seed holds, where its facts are from.
    """

    version: str
    names: dict[str, dict[str | None, str]] = field(default_factory=dict)
    units: set[str] = field(default_factory=set)
    origins: dict[str, str] = field(default_factory=dict)

    def declare(self, columns: Iterable[ColumnText]) -> None:
        """Make a list for each text whose values a test lists, or whose contract names one."""
        for column in columns:
            if column.contract.code_list or column.contract.accepted:
                names = self.names.setdefault(column.contract.code_list or column.name, {})
                for value in column.contract.accepted:
                    names.setdefault(value, _readable(value))

    def list_of(self, column: ColumnText) -> str | None:
        """The list that a column's values are of; None for a number, a date or a free text."""
        name = column.contract.code_list or column.name
        return name if name in self.names and column.type == "text" else None

    def add(self, column: ColumnText, table: pa.Table) -> None:
        """Add what a column holds, by the names that stand beside it where they do."""
        of = self.list_of(column)
        if of is None:
            return
        names = self.names[of]
        beside = _names_beside(table, column.name) or self._names_by_dimension(column, table)
        held = table[column.name].unique().to_pylist()
        for value in sorted(value for value in held if value is not None):
            names[value] = beside.get(value) or names.get(value) or _readable(value)
        if None in held:
            names[None] = "Not applicable"

    def _names_by_dimension(
        self, column: ColumnText, table: pa.Table
    ) -> dict[str | None, str | None]:
        """Names of values that are of another list in each row: the one that ``dimension`` names.

        A value that two dimensions have has a name where both give it the same one.
        """
        if column.name != "value" or "dimension" not in table.column_names:
            return {}
        pairs = table.group_by(["dimension", "value"]).aggregate([]).to_pylist()
        found: dict[str | None, set[str | None]] = {}
        for pair in pairs:
            names = self.names.get(pair["dimension"].removeprefix("model_"), {})
            found.setdefault(pair["value"], set()).add(names.get(pair["value"]))
        return {value: one.pop() for value, one in found.items() if len(one) == 1}

    def codelists(self) -> list[Codelist]:
        """All lists, those of SDMX first."""
        return [
            *(_list_of_sdmx(*one) for one in _OF_SDMX),
            self._own("UNIT_MEASURE", {unit_id(unit): unit for unit in sorted(self.units)}),
            *(self._own(name, _codes(self.names[name])) for name in sorted(self.names)),
        ]

    def _own(self, name: str, codes: Mapping[str, str]) -> Codelist:
        return codelist(
            f"CL_{name.upper()}",
            name.replace("_", " ").capitalize(),
            codes,
            self.version,
            origin=self.origins.get(name),
        )


def codelist(
    artefact: str,
    name: str,
    codes: Mapping[str, str],
    version: str,
    *,
    texts: Mapping[str, str] | None = None,
    origin: str | None = None,
) -> Codelist:
    """A code list of this project.

    Args:
        codes: names by code.
        texts: descriptions by code.
        origin: where the list is from.
    """
    return Codelist(
        id=artefact,
        name=name,
        description=origin,
        agency=AGENCY,
        version=version,
        urn=list_urn(artefact, version),
        items=[
            Code(id=code, name=named, description=(texts or {}).get(code))
            for code, named in codes.items()
        ],
    )


def list_urn(artefact: str, version: str) -> str:
    """The URN of a code list, of SDMX where it is one of SDMX's own."""
    for own, of_version, *_ in _OF_SDMX:
        if artefact == own:
            return urn("codelist.Codelist", artefact, of_version, agency="SDMX")
    return urn("codelist.Codelist", artefact, version)


def read_code_lists(warehouse: Warehouse, method_version: str) -> CodeLists:
    """Read the lists that seeds hold: each says so in ``config.meta.code_list``."""
    lists = CodeLists(version(method_version))
    there = warehouse.tables("seeds")
    for node in read_manifest()["nodes"].values():
        of = node.get("config", {}).get("meta", {}).get("code_list")
        if node["resource_type"] == "seed" and of and node["alias"] in there:
            lists.origins[of["of"]] = " ".join(node["description"].split())
            rows = warehouse.read(f"select * from seeds.{node['alias']}")
            rows = rows.sort_by("sort_order" if "sort_order" in rows.column_names else of["code"])
            lists.names[of["of"]] = {
                row[of["code"]]: row[of["name"]] if "name" in of else _readable(row[of["code"]])
                for row in rows.to_pylist()
            }
    return lists


def _codes(names: Mapping[str | None, str]) -> dict[str, str]:
    """Names by code; what a stranger chose is made fit to be shown."""
    named = {code_id(value): text.plain(name, 200).strip() for value, name in names.items()}
    return {code: name or code for code, name in named.items()}


def _readable(value: str) -> str:
    words = value.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def _list_of_sdmx(artefact: str, version: str, name: str, codes: Mapping[str, str]) -> Codelist:
    return Codelist(
        id=artefact,
        name=name,
        agency="SDMX",
        version=version,
        urn=list_urn(artefact, version),
        is_partial=True,
        items=[Code(id=code, name=named) for code, named in codes.items()],
    )


def _names_beside(table: pa.Table, column: str) -> dict[str | None, str]:
    """Names of a column's values, from the column of names beside it; empty where there is none."""
    beside = f"{column}_name"
    if beside not in table.column_names:
        return {}
    pairs = table.group_by([column, beside]).aggregate([])
    return dict(zip(pairs[column].to_pylist(), pairs[beside].to_pylist(), strict=True))
