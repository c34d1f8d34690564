"""The data sources that Tableau opens, read as Tableau's own library reads them."""

import importlib.util
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import pytest

from reports.dictionary import ColumnText, Contract, TableText
from reports.extracts import Extract
from reports.tableau import FORMATS, NO_MEASURE, as_document, caption, live_source
from tests.reports.conftest import HOSTILE, Report
from tools import layers

_needs_tableau = pytest.mark.skipif(
    importlib.util.find_spec("tableaudocumentapi") is None,
    # Only its source is published, and what builds it would be in no lock.
    reason="tableaudocumentapi is not installed; 'pip install tableaudocumentapi' does it",
)


@pytest.fixture(scope="module")
def folder(report: Report) -> Path:
    return report.folder / "tableau"


def source(path: Path) -> Any:
    from tableaudocumentapi import Datasource

    return Datasource.from_file(str(path))


@_needs_tableau
def test_the_live_source_leads_to_the_table_on_bigquery(folder: Path):
    (connection,) = source(folder / "average_training_costs.tds").connections
    assert connection.dbclass == "bigquery"
    assert connection.server == "googleapis.com/bigquery"
    relation = xml.parse(folder / "average_training_costs.tds").find(".//relation")
    assert relation.get("table") == "[marts].[average_training_costs]"


@_needs_tableau
@pytest.mark.parametrize("suffix", [".tds", ".tdsx"])
def test_every_column_has_its_caption_type_and_description(folder: Path, suffix: str):
    fields = source(folder / f"average_training_costs{suffix}").fields
    cost = fields["[median_cost_usd_central]"]
    assert cost.caption == "Median cost USD central"
    assert (cost.role, cost.datatype) == ("measure", "real")
    assert "Empty in a suppressed row. Unit: current US dollars." in cost.description
    assert fields["[month]"].datatype == "date"
    # Of the file's own columns, without brackets, nothing is to be said.
    assert all(field.description for name, field in fields.items() if name.startswith("["))


@pytest.mark.parametrize(
    ("table", "aggregations"),
    [
        (
            "average_training_costs",
            {
                "new_models": "Sum",
                "publishers": "Avg",
                "median_cost_usd_central": "Avg",
                "total_cost_first_of_size_usd_central": "Sum",
                "coverage": "Avg",
                "month": None,
            },
        ),
        ("new_models", {"cumulative_models": "Max", "publishers": "Avg"}),
        ("new_models_by_intended_use", {"share_of_declared": "Sum"}),
        (
            "dataset_share_by_language",
            {"datasets": "Avg", "datasets_fractional": "Sum", "datasets_total": "Max"},
        ),
        ("text_generation_popularity", {"models": "Sum", "class_order": None}),
    ],
)
def test_only_what_adds_up_is_added_up(
    folder: Path, table: str, aggregations: dict[str, str | None]
):
    columns = xml.parse(folder / f"{table}.tds").iter("column")
    told = {column.get("name").strip("[]"): column.get("aggregation") for column in columns}
    assert {name: told[name] for name in aggregations} == aggregations


def test_a_count_that_repeats_is_described_as_one_that_does_not_add_up(folder: Path):
    fields = xml.parse(folder / "datasets_by_language_and_task.tds").iter("column")
    said = {field.get("name"): field.findtext(".//run") for field in fields}
    assert said["[datasets]"].endswith("Unit: datasets. Does not add up.")
    assert said["[datasets_fractional]"].endswith("Adds up over language and task.")


def test_formats_are_of_units_that_contracts_use():
    assert {*FORMATS, *filter(None, NO_MEASURE)} <= layers.UNITS


def test_a_packed_source_finds_its_data_on_any_machine(folder: Path, report: Report):
    path = folder / "new_models.tdsx"
    with zipfile.ZipFile(path) as package:
        document = xml.fromstring(package.read("new_models.tds"))
        connection = document.find(".//named-connection/connection")
        data = f"{connection.get('directory')}/{connection.get('filename')}"
        content = package.read(data)
    columns = [column.get("name") for column in document.iter("column") if column.get("ordinal")]
    assert content.decode().splitlines()[0].replace('"', "").split(",") == columns
    assert content == (report.folder / "extracts" / "new_models.csv").read_bytes()
    assert not data.startswith("/")


def test_the_same_data_make_the_same_files(folder: Path, report: Report, synthetic_report: Report):
    with zipfile.ZipFile(folder / "new_models.tdsx") as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    real = (report.folder / "extracts" / "new_models.csv").read_bytes()
    assert real == (synthetic_report.folder / "extracts" / "synthetic-new_models.csv").read_bytes()


@pytest.mark.parametrize("name", [name for name in HOSTILE if name.isprintable()])
def test_no_name_breaks_out_of_the_document(name: str, data):
    data = replace(data, is_synthetic=True)
    table = TableText("marts", "new_models", "", {})
    column = ColumnText("month", "date", Contract(name, "", "none"))
    document = as_document(live_source(Extract(table, [column], 0, []), name, data))
    tree = xml.fromstring(document)
    assert tree.find(".//named-connection/connection").get("project") == name
    assert tree.findtext(".//run") == name
    assert tree.get("caption").startswith("SYNTHETIC DATA")


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("month", "Month"),
        ("is_complete_month", "Complete month"),
        ("mean_cost_usd_low", "Mean cost USD low"),
        ("geometric_mean_ci_low", "Geometric mean CI low"),
        ("used_storage_gb", "Used storage GB"),
    ],
)
def test_captions_are_words(column: str, words: str):
    assert caption(column) == words
