"""The files of the Tableau workbook: what is packed, and what is read live."""

import zipfile
from pathlib import Path

import pytest

from reports.dictionary import read_dictionary
from reports.extracts import Extract, write_extracts
from reports.report_data import ReportData
from reports.warehouse import open_warehouse
from reports.workbook import write_workbooks
from reports.workbook.dashboards import DASHBOARDS
from tests.reports.conftest import Built, Report
from tests.reports.test_workbook import read


def test_the_package_holds_what_it_reads(report: Report):
    path = report.folder / "tableau" / "hub_observatory.twbx"
    connections = read(path).findall("datasources//named-connection/connection")
    assert len(connections) == 7
    with zipfile.ZipFile(path) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        for one in connections:
            name = one.get("dbname") or f"{one.get('directory')}/{one.get('filename')}"
            extract = report.folder / "extracts" / Path(name).name
            assert package.read(name) == extract.read_bytes()


def test_the_page_leads_to_both(report: Report, synthetic_report: Report):
    for suffix in (".twbx", ".twb"):
        assert f'href="tableau/hub_observatory{suffix}"' in report.html
        assert f'href="tableau/synthetic-hub_observatory{suffix}"' in synthetic_report.html


def test_the_live_workbook_reads_the_marts_on_bigquery(report: Report):
    live = read(report.folder / "tableau" / "hub_observatory.twb")
    connections = live.findall("datasources//named-connection/connection")
    assert {(one.get("class"), one.get("project")) for one in connections} == {
        ("bigquery", "a-project")
    }
    tables = {one.get("table") for one in live.findall("datasources//relation")}
    assert tables == {f"[marts].[{dashboard.table}]" for dashboard in DASHBOARDS}


@pytest.fixture
def two_extracts(
    built: Built, data: ReportData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[Extract]:
    """Extracts of two of the seven tables."""
    built.point_to(monkeypatch)
    names = ("new_models", "dataset_share_by_language")
    tables = [one for one in read_dictionary() if one.name in names]
    with open_warehouse("duckdb") as warehouse:
        return write_extracts(warehouse, tables, tmp_path / "extracts", data)


def test_a_table_without_a_file_takes_only_its_dashboard_with_it(
    two_extracts: list[Extract], data: ReportData, tmp_path: Path
):
    two_extracts[0].files.clear()  # as of a table with more rows than a spreadsheet holds
    packed, live = write_workbooks(two_extracts, tmp_path / "tableau", data)
    assert len(read(packed).findall("dashboards/dashboard")) == 1
    assert len(read(live).findall("dashboards/dashboard")) == 2


def test_an_extract_of_tableaus_own_is_taken_before_a_csv_file(
    two_extracts: list[Extract], data: ReportData, tmp_path: Path
):
    for extract in two_extracts:
        hyper = extract.files[0].with_suffix(".hyper")
        hyper.write_bytes(b"as Tableau's library writes it")
        extract.files[2:] = [hyper]
    packed, _ = write_workbooks(two_extracts, tmp_path / "tableau", data)
    connections = read(packed).findall("datasources//named-connection/connection")
    assert {one.get("class") for one in connections} == {"hyper"}
    with zipfile.ZipFile(packed) as package:
        for one in connections:
            assert package.read(one.get("dbname")) == b"as Tableau's library writes it"
        assert not [name for name in package.namelist() if name.endswith(".csv")]


def test_the_same_data_make_the_same_workbook(
    two_extracts: list[Extract], data: ReportData, tmp_path: Path
):
    first, second = (write_workbooks(two_extracts, tmp_path / name, data) for name in "ab")
    assert [one.read_bytes() for one in first] == [one.read_bytes() for one in second]
