"""Data structures, dataflows and concepts of the tables."""

from collections.abc import Iterable, Sequence
from itertools import chain

from pysdmx.model import (
    Agency,
    AgencyScheme,
    Annotation,
    Codelist,
    Component,
    Components,
    Concept,
    ConceptScheme,
    Dataflow,
    DataStructureDefinition,
    DataType,
    ItemReference,
    Role,
)

from reports import metadata
from reports.dictionary import ColumnText
from reports.report_data import ReportData
from reports.sdmx.code_lists import CodeLists, codelist, list_urn
from reports.sdmx.cube import UNIT_OF_ROW, Cube
from reports.sdmx.identifiers import AGENCY, code_id, urn
from reports.tableau import caption

Structure = AgencyScheme | Codelist | ConceptScheme | DataStructureDefinition | Dataflow

CONCEPTS = "CS_HUB_OBSERVATORY"

# Concepts that no column is named after, with SDMX's meaning.
_COMMON = {
    "FREQ": (
        "Frequency",
        "How often there is a value: by month, by week, or when the Hub was listed.",
    ),
    "MEASURE": ("Measure", "Which number of the table the observation is: the name of its column."),
    "TIME_PERIOD": (
        "Time period",
        "Month, week, or day of the listing that the observation is of.",
    ),
    "OBS_VALUE": ("Observation value", "The number, in full."),
    "OBS_STATUS": ("Observation status", "What to know of the value first."),
    "UNIT_MEASURE": ("Unit of measure", "Unit of the number."),
    "UNIT_MULT": (
        "Unit multiplier",
        "Power of ten that the number is to be multiplied by: always 0.",
    ),
    "DECIMALS": ("Decimals", "Decimal places to show. The number itself is not rounded."),
}

_TYPES = {
    "true or false": DataType.BOOLEAN,
    "date": DataType.DATE,
    "date and time, UTC": DataType.DATE_TIME,
    "whole number": DataType.LONG,
    "number": DataType.DOUBLE,
    "text": DataType.STRING,
}


def structures(cubes: Sequence[Cube], lists: CodeLists, data: ReportData) -> list[Structure]:
    """Everything that a reader of the data needs, in the order in which a registry takes it."""
    agency = Agency(AGENCY, name="Hub Observatory")
    measures = [_measures(cube, lists.version) for cube in cubes]
    definitions = [_definition(cube, lists) for cube in cubes]
    return [
        AgencyScheme(agency="SDMX", items=[agency]),
        *lists.codelists(),
        *measures,
        _concepts(cubes, lists.version),
        *definitions,
        *(_dataflow(cube, lists.version, data) for cube in cubes),
    ]


def flow_id(cube: Cube) -> str:
    """The id of a table's dataflow."""
    return f"DF_{cube.name.upper()}"


def _definition_id(cube: Cube) -> str:
    return f"DSD_{cube.name.upper()}"


def _measures_id(cube: Cube) -> str:
    return f"CL_MEASURE_{cube.name.upper()}"


def _measures(cube: Cube, version: str) -> Codelist:
    return codelist(
        _measures_id(cube),
        f"Measures of {_title(cube)}",
        {code_id(column.name): caption(column.name) for column in cube.measures},
        version,
        texts={
            code_id(column.name): f"{column.description} Unit: {column.unit}. {column.additivity}"
            for column in cube.measures
        },
    )


def _title(cube: Cube) -> str:
    return caption(cube.name)


def _concepts(cubes: Iterable[Cube], version: str) -> ConceptScheme:
    """One concept for each name of a column, whichever tables have it."""
    texts: dict[str, dict[str, list[str]]] = {}
    for cube in cubes:
        for column in cube.coded:
            said = texts.setdefault(column.name, {})
            said.setdefault(column.description, []).append(cube.name)
    named = {
        name.upper(): (caption(name), _description(said)) for name, said in sorted(texts.items())
    }
    return ConceptScheme(
        id=CONCEPTS,
        name="Concepts of the Hub Observatory",
        agency=AGENCY,
        version=version,
        items=[
            Concept(id=id_, name=name, description=text)
            for id_, (name, text) in (_COMMON | named).items()
        ],
    )


def _description(said: dict[str, list[str]]) -> str:
    """One text, or where tables say something of their own, each with its tables."""
    if len(said) == 1:
        return next(iter(said))
    return " ".join(f"In {', '.join(tables)}: {text}" for text, tables in said.items())


def _definition(cube: Cube, lists: CodeLists) -> DataStructureDefinition:
    has_unit_of_row = any(column.unit == UNIT_OF_ROW for column in cube.measures)
    version = lists.version
    components = chain(
        [
            _component("FREQ", Role.DIMENSION, version, codes="CL_FREQ"),
            _component("MEASURE", Role.DIMENSION, version, codes=_measures_id(cube)),
        ],
        (_of_column(column, Role.DIMENSION, lists) for column in cube.dimensions),
        [
            _component("TIME_PERIOD", Role.DIMENSION, version, DataType.PERIOD),
            _component("OBS_VALUE", Role.MEASURE, version, DataType.DOUBLE),
            _component("OBS_STATUS", Role.ATTRIBUTE, version, codes="CL_OBS_STATUS"),
            _component(
                "UNIT_MEASURE",
                Role.ATTRIBUTE,
                version,
                codes="CL_UNIT_MEASURE",
                level="O" if has_unit_of_row else "MEASURE",
            ),
            _component("UNIT_MULT", Role.ATTRIBUTE, version, codes="CL_UNIT_MULT", level="MEASURE"),
            _component("DECIMALS", Role.ATTRIBUTE, version, codes="CL_DECIMALS", level="MEASURE"),
        ],
        (_of_column(column, Role.ATTRIBUTE, lists) for column in cube.attributes),
    )
    return DataStructureDefinition(
        id=_definition_id(cube),
        name=_title(cube),
        description=cube.extract.table.description,
        agency=AGENCY,
        version=version,
        components=Components(list(components)),
    )


def _of_column(column: ColumnText, role: Role, lists: CodeLists) -> Component:
    of = lists.list_of(column)
    return _component(
        column.name.upper(),
        role,
        lists.version,
        None if of else _TYPES[column.type],
        codes=f"CL_{of.upper()}" if of else None,
    )


def _component(
    concept: str,
    role: Role,
    version: str,
    dtype: DataType | None = None,
    *,
    codes: str | None = None,
    level: str = "O",
) -> Component:
    return Component(
        id=concept,
        required=role is Role.DIMENSION or (concept in _COMMON and role is Role.ATTRIBUTE),
        role=role,
        concept=ItemReference("Concept", AGENCY, CONCEPTS, version, concept),
        local_dtype=dtype,
        local_enum_ref=list_urn(codes, version) if codes else None,
        attachment_level=level if role is Role.ATTRIBUTE else None,
    )


def _dataflow(cube: Cube, version: str, data: ReportData) -> Dataflow:
    """The table as a flow, with source, licence and citation as annotations."""
    facts = metadata.facts(cube.extract.table, data)
    mark = f"{data.marking.label}: " if data.marking else ""
    return Dataflow(
        id=flow_id(cube),
        name=f"{mark}{_title(cube)}",
        description=cube.extract.table.description,
        agency=AGENCY,
        version=version,
        structure=urn("datastructure.DataStructure", _definition_id(cube), version),
        annotations=[
            Annotation(id=key.upper(), type=f"dcterms:{key}", text=text)
            for key, text in facts.items()
            if key not in ("title", "description")
        ],
    )
