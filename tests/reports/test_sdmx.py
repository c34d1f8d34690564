"""The report as SDMX's own tools read it, held against the tables that it was made from."""

import csv
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest
from pysdmx.io import get_datasets, read_sdmx
from pysdmx.model import Component, DataStructureDefinition, DataType
from pysdmx.model.message import Message

from reports import text
from reports.dictionary import ColumnText, Contract, read_dictionary
from reports.sdmx import CodeLists
from reports.sdmx.identifiers import code_id, unit_id, value_of
from tests.reports.conftest import HOSTILE, Built, Report

# An identifier, by SDMXCommon.xsd of SDMX 3.0.
IDENTIFIER = re.compile(r"[A-Za-z0-9_@$\-]+")
CODE_LISTS = ("task", "category", "language", "population", "scope", "region", "licence_class")

Row = dict[str, str]


@pytest.fixture(scope="module")
def folder(report: Report) -> Path:
    return report.folder / "sdmx"


@pytest.fixture(scope="module")
def structures(folder: Path) -> Message:
    return read_sdmx(folder / "structures.xml", validate=True)


@pytest.fixture(scope="module")
def lists(structures: Message) -> dict[str, dict[str, str]]:
    """Names by code by the URN of the list."""
    return {
        str(one.short_urn): {code.id: code.name for code in one}
        for one in structures.get_codelists()
    }


def definition(structures: Message, table: str) -> DataStructureDefinition:
    return structures.get_data_structure_definition(
        f"DataStructure=HUB_OBSERVATORY:DSD_{table.upper()}(2.0)"
    )


def observations(folder: Path, table: str) -> list[Row]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tables(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.csv"))


def list_of(component: Component) -> str | None:
    return component.local_enum_ref and component.local_enum_ref.partition("codelist.")[2]


def test_each_format_is_valid_by_its_schema_and_says_the_same(folder: Path, structures: Message):
    def names(message: Message) -> set[str]:
        return {one.short_urn for one in message.structures}

    def codes(message: Message) -> dict[str, list[tuple[str, str, str]]]:
        return {
            one.short_urn: [(code.id, code.name, code.description) for code in one]
            for one in message.get_codelists()
        }

    for name in ("structures_2.1.xml", "structures.json"):
        other = read_sdmx(folder / name, validate=True)
        assert names(other) == names(structures)
        assert codes(other) == codes(structures)
        assert str(other.header.test).lower() == "false"


def test_each_table_is_published_or_says_why_not(
    built: Built, monkeypatch: pytest.MonkeyPatch, report: Report, folder: Path, structures: Message
):
    built.point_to(monkeypatch)
    extracts = {path.stem for path in (report.folder / "extracts").glob("*.parquet")}
    without = {table.name for table in read_dictionary() if table.no_sdmx}
    assert without == {"base_models", "model_popularity_by_month", "text_generation_models"}
    assert set(tables(folder)) == extracts - without
    flows = {flow.id for flow in structures.get_dataflows()}
    assert flows == {f"DF_{name.upper()}" for name in tables(folder)}


def test_a_dataflow_says_its_source_licence_and_citation(structures: Message):
    for flow in structures.get_dataflows():
        said = {note.type: note.text for note in flow.annotations}
        assert said["dcterms:license"] == "https://creativecommons.org/licenses/by/4.0/"
        assert "snapshot of 15" in said["dcterms:bibliographicCitation"]
        assert said["dcterms:source"], flow.id


def test_code_lists_hold_the_seeds_whole_and_what_the_hub_made_up(lists):
    own = {name: lists[f"Codelist=HUB_OBSERVATORY:CL_{name.upper()}(2.0)"] for name in CODE_LISTS}
    assert own["scope"]["nlp"] == own["category"]["nlp"] == "Natural Language Processing"
    assert own["task"]["fill-mask"] == "Fill-Mask"  # which no model here has
    assert own["language"]["fr"] == "French"
    assert own["population"].keys() == {"all", "derived", "no_known_parent"}
    assert own["region"]["eu"] == "European Union"
    assert own["licence_class"].keys() >= {"permissive", "non_commercial"}
    assert {code_id(name) for name in HOSTILE} <= own["task"].keys()
    assert lists["Codelist=SDMX:CL_FREQ(2.1)"]["M"] == "Monthly"


def test_a_value_of_several_dimensions_has_a_name_where_they_agree(structures: Message):
    value = definition(structures, "usage_by_month").components["VALUE"]
    assert list_of(value) == "Codelist=HUB_OBSERVATORY:CL_USAGE_VALUE(2.0)"
    lists = CodeLists("2.0", {"language": {"sw": "Swahili", "en": "English"}})
    lists.names |= {"category": {"nlp": "Language"}, "task": {"rl": "A task"}, "usage_value": {}}
    rows = [("model_language", "en"), ("model_language", "sw"), ("library", "sw")]
    rows += [("category", "nlp"), ("category", "rl"), ("task", "rl"), ("size_band", "not-known")]
    table = pa.table(dict(zip(("dimension", "value"), zip(*rows, strict=True), strict=True)))
    column = ColumnText("value", "text", Contract("", "", "none", code_list="usage_value"))
    lists.add(column, table)
    assert lists.names["usage_value"] == {
        **{"en": "English", "nlp": "Language", "not-known": "Not known"},
        # A library may be called as a language is; a task as a category.
        **{"rl": "Rl", "sw": "Sw"},
    }


def test_every_identifier_is_one_by_sdmx(structures: Message, lists):
    names = [one.id for one in structures.structures]
    codes = [code for one in lists.values() for code in one]
    assert [name for name in (*names, *codes) if not IDENTIFIER.fullmatch(name)] == []


@pytest.mark.parametrize("value", [*HOSTILE, "", "_Z", "$", "%41", "a.b~c", "\x00", "_Z$", None])
def test_a_value_is_found_again_in_its_code(value: str | None):
    assert IDENTIFIER.fullmatch(code_id(value))
    assert value_of(code_id(value)) == value


def test_what_pysdmx_reads_fits_the_structure(folder: Path, structures: Message, lists):
    for table in tables(folder):
        if not observations(folder, table):
            continue  # pysdmx reads no file without rows
        (dataset,) = read_sdmx(folder / f"{table}.csv").data
        dsd = definition(structures, table)
        assert dataset.short_urn == f"Dataflow=HUB_OBSERVATORY:DF_{table.upper()}(2.0)"
        assert list(dataset.data.columns) == [one.id for one in dsd.components]
        keys = [one.id for one in dsd.components.dimensions]
        assert not dataset.data.duplicated(keys).any(), table
        for component in dsd.components:
            values = set(dataset.data[component.id])
            if component.required:
                assert "" not in values, (table, component.id)
            if of := list_of(component):
                assert values - {""} <= lists[of].keys(), (table, component.id)


def test_data_and_structures_find_each_other_as_the_documentation_says(
    report: Report, folder: Path
):
    parquet = report.folder / "extracts" / "new_models.parquet"
    expected = pyarrow.parquet.read_table(parquet).to_pandas()
    for name in ("structures.xml", "structures_2.1.xml"):
        (dataset,) = get_datasets(folder / "new_models.csv", folder / name)
        data = dataset.data
        assert data["OBS_VALUE"][data["MEASURE"] == "new_models"].sum() == (
            expected["new_models"].sum()
        )


def decoder(field: pa.Field, component: Component | None) -> Callable[[str], Any]:
    """The way from a cell back to a value, by the table's type and the component's."""
    if pa.types.is_boolean(field.type):
        assert component is None or component.dtype is DataType.BOOLEAN
        return {"true": True, "false": False}.__getitem__
    if pa.types.is_date(field.type):
        return date.fromisoformat
    if pa.types.is_timestamp(field.type):
        return datetime.fromisoformat
    if pa.types.is_integer(field.type):
        return int
    if component and list_of(component):
        return value_of
    return str


def period(cell: str) -> date:
    """The first day of a month or a week, or the day itself."""
    if "W" in cell:
        return datetime.strptime(f"{cell}-1", "%G-W%V-%u").date()
    return date.fromisoformat(cell if cell.count("-") == 2 else f"{cell}-01")


def read_back(rows: list[Row], dsd: DataStructureDefinition, schema: pa.Schema) -> list[dict]:
    """Rows of the table, from its observations, each in the order of its first measure."""
    components = {one.id: one for one in dsd.components}
    time = next((name for name in ("month", "week") if name.upper() not in components), "")
    time = time if time in schema.names else "snapshot_date"
    time = "week" if rows and "W" in rows[0]["TIME_PERIOD"] else time
    decode = {
        field.name: decoder(field, components.get(field.name.upper()))
        for field in schema
        if field.name.upper() in components
    }
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    keys = [one.id for one in dsd.components.dimensions if one.id != "MEASURE"]
    for row in rows:
        said = found.setdefault(tuple(row[key] for key in keys), {})
        said[time] = period(row["TIME_PERIOD"])
        for name, function in decode.items():
            cell = row[name.upper()]
            said[name] = function(cell) if cell else None
        said[row["MEASURE"]] = None if row["OBS_VALUE"] == "NaN" else float(row["OBS_VALUE"])
    return list(found.values())


def test_the_observations_make_the_table_again(
    report: Report, folder: Path, structures: Message, lists
):
    for table in tables(folder):
        expected = pyarrow.parquet.read_table(report.folder / "extracts" / f"{table}.parquet")
        dsd = definition(structures, table)
        rows = observations(folder, table)
        measures = lists[f"Codelist=HUB_OBSERVATORY:CL_MEASURE_{table.upper()}(2.0)"]
        assert len(rows) == expected.num_rows * len(measures)
        again = read_back(rows, dsd, expected.schema)
        # What stands in the structures or beside each value instead: tested below.
        elsewhere = {name for name in expected.column_names if name.endswith("_name")}
        elsewhere |= {"observation_status"} | ({"unit"} if table.startswith("figure_") else set())
        for index, row in enumerate(expected.to_pylist()):
            for name, value in row.items():
                if name in elsewhere:
                    continue
                # As in the extract, a ' is in front of what a spreadsheet would run.
                assert again[index][name] in (value, f"'{value}"), (table, index, name)


def test_names_of_codes_are_those_of_the_table(report: Report, structures: Message, lists):
    table = "new_models_by_intended_use"
    dsd = definition(structures, table)
    rows = pyarrow.parquet.read_table(report.folder / "extracts" / f"{table}.parquet").to_pylist()
    assert rows
    for column in ("task", "category"):
        names = lists[list_of(dsd.components[column.upper()])]
        for row in rows:
            code = code_id(row[column])
            assert names[code] == (text.plain(row[f"{column}_name"], 200).strip() or code)


def test_a_status_never_says_that_a_value_is_missing_which_is_there(folder: Path):
    seen = set()
    for table in tables(folder):
        for row in observations(folder, table):
            is_missing = row["OBS_VALUE"] == "NaN"
            assert is_missing == (row["OBS_STATUS"] in ("O", "Q")), (table, row)
            seen.add(row["OBS_STATUS"])
            if row.get("IS_SUPPRESSED") == "true" and is_missing:
                assert row["OBS_STATUS"] == "Q", (table, row)
            if row.get("IS_COMPLETE_MONTH") == "false" and row["OBS_STATUS"] == "A":
                raise AssertionError(f"{table}: a running month passes for a whole one: {row}")
    assert seen >= {"A", "O", "P", "Q", "U"}


def test_each_value_has_the_unit_of_its_contract(
    built: Built, monkeypatch: pytest.MonkeyPatch, folder: Path
):
    built.point_to(monkeypatch)
    contracts = {table.name: table.columns for table in read_dictionary()}
    for table in tables(folder):
        if table.startswith("figure_"):
            continue
        for row in observations(folder, table):
            assert row["UNIT_MEASURE"] == unit_id(contracts[table][row["MEASURE"]].unit)
            assert row["UNIT_MULT"] == "0"


def test_a_figure_has_the_unit_of_its_row(report: Report, folder: Path):
    parquet = report.folder / "extracts" / "figure_vintages.parquet"
    units = {
        row["figure"]: unit_id(row["unit"])
        for row in pyarrow.parquet.read_table(parquet).to_pylist()
    }
    rows = observations(folder, "figure_vintages")
    assert {(code_id(figure), unit) for figure, unit in units.items()} == {
        (row["FIGURE"], row["UNIT_MEASURE"]) for row in rows
    }
    assert "CURRENT_US_DOLLARS" in units.values()


def test_synthetic_structures_are_a_test_by_sdmx_and_say_so(synthetic_report: Report):
    folder = synthetic_report.folder / "sdmx"
    assert all(path.name.startswith("synthetic-") for path in folder.iterdir())
    message = read_sdmx(folder / "synthetic-structures.xml", validate=True)
    assert str(message.header.test).lower() == "true"
    for flow in message.get_dataflows():
        assert flow.name.startswith("SYNTHETIC DATA: ")


def test_the_page_leads_to_the_files(report: Report, folder: Path):
    for path in folder.glob("*.csv"):
        assert f'href="sdmx/{path.name}"' in report.html
    assert 'href="sdmx/structures.xml"' in report.html
