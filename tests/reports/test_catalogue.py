"""The extracts as catalogues, spreadsheets and readers of Parquet find them."""

import json
import re
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import openpyxl
import pyarrow.parquet
import pytest

from reports import spreadsheet
from reports.catalogue import as_script
from reports.dictionary import read_dictionary
from reports.extracts import Extract
from tests.reports.conftest import HOSTILE, Built, Report

DAY = date(2025, 3, 15)


@pytest.fixture(scope="module")
def folder(report: Report) -> Path:
    return report.folder / "extracts"


@pytest.fixture(scope="module")
def package(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def workbook(folder: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(folder / f"hub_observatory_{DAY}.xlsx")


def test_frictionless_finds_no_fault_with_the_package_and_its_files(folder: Path):
    # The fields of a table against each cell, its keys against each row.
    found = frictionless.validate(str(folder / "datapackage.json"), type="package")
    assert found.valid, found.flatten(["type", "title", "note", "rowNumber", "fieldName"])
    assert {task.name for task in found.tasks} == {path.stem for path in folder.glob("*.parquet")}


def test_frictionless_finds_a_fault_where_there_is_one(folder: Path, tmp_path: Path):
    package = frictionless.Package(str(folder / "datapackage.json"))
    lines = (folder / "new_models.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "new_models.csv").write_text("\n".join([*lines, lines[-1]]), encoding="utf-8")
    descriptor = package.get_resource("new_models").to_descriptor()
    del descriptor["hash"], descriptor["bytes"]
    broken = frictionless.Resource.from_descriptor(descriptor, basepath=str(tmp_path))
    assert [error.type for error in broken.validate().tasks[0].errors] == ["primary-key"]


def test_the_package_says_units_licence_and_checksums(folder: Path, package):
    assert package["licenses"][0]["path"] == "https://creativecommons.org/licenses/by/4.0/"
    assert package["title"] == "Hub Observatory, snapshot of 15\u00a0March\u00a02025"
    assert any("Epoch AI" in source["title"] for source in package["sources"])
    for resource in package["resources"]:
        content = (folder / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{sha256(content).hexdigest()}"
        assert resource["schema"]["primaryKey"], resource["name"]
        for field in resource["schema"]["fields"]:
            assert field["description"]
            assert ("unit" in field) == (field["type"] in ("integer", "number")), field


def test_made_up_data_say_so_where_no_file_name_can(synthetic_report: Report):
    folder = synthetic_report.folder / "extracts"
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for said in (package["title"], package["description"], readme.removeprefix("# ")):
        assert said.startswith("SYNTHETIC DATA: ")
    book = openpyxl.load_workbook(folder / f"synthetic-hub_observatory_{DAY}.xlsx")
    assert book["dictionary"]["A1"].value == "SYNTHETIC DATA: made up, and not to be quoted"
    assert linked_data(synthetic_report)["name"].startswith("SYNTHETIC DATA: ")


def linked_data(report: Report) -> dict[str, Any]:
    (block,) = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', report.html, flags=re.DOTALL
    )
    return json.loads(block)


def test_the_page_is_a_dataset_for_search_engines(report: Report, folder: Path):
    found = linked_data(report)
    assert (found["@context"], found["@type"]) == ("https://schema.org/", "Dataset")
    assert 50 <= len(found["description"]) <= 5000
    assert found["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found["dateModified"] == DAY.isoformat()
    parts = {part["name"]: part for part in found["hasPart"]}
    assert set(parts) == {path.stem for path in folder.glob("*.parquet")}
    for part in parts.values():
        for download in part["distribution"]:
            assert (report.folder / download["contentUrl"]).is_file()
    units = {one["name"]: one["unitText"] for one in parts["new_models"]["variableMeasured"]}
    assert units["publishers"] == "publishers"


def test_nothing_in_linked_data_ends_its_element():
    (name, *_) = HOSTILE
    written = as_script({"name": f"{name}<!--</script>"})
    assert "<" not in written
    assert json.loads(written) == {"name": f"{name}<!--</script>"}


def test_the_folder_explains_itself(folder: Path):
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "Licence: CC BY 4.0" in readme
    assert "Cite as: Hub Observatory, snapshot of 15" in readme
    for path in folder.glob("*.parquet"):
        assert f"| `{path.stem}` |" in readme
    assert "Epoch AI" in (folder / "LICENSE.md").read_text(encoding="utf-8")


def test_parquet_says_what_its_columns_are(folder: Path):
    path = folder / "average_model_parameters.parquet"
    field = pyarrow.parquet.read_schema(path).field("median_parameters")
    assert field.metadata[b"unit"] == b"parameters"
    assert field.metadata[b"aggregation"] == b"none"
    # As a reader finds it that knows nothing of Arrow.
    query = "select decode(value) from parquet_kv_metadata(?) where decode(key) = 'columns'"
    ((columns,),) = duckdb.execute(query, [str(path)]).fetchall()
    said = json.loads(columns)["median_parameters"]
    assert said["unit"] == "parameters"
    assert said["description"].startswith("Median of the number of parameters")


def test_the_workbook_begins_with_its_dictionary_and_holds_the_statistics(
    built: Built, monkeypatch: pytest.MonkeyPatch, folder: Path, workbook: openpyxl.Workbook
):
    built.point_to(monkeypatch)
    lists = {table.name for table in read_dictionary() if table.no_sdmx}
    tables = {path.stem for path in folder.glob("*.parquet")} - lists
    assert workbook.sheetnames[0] == "dictionary"
    assert set(workbook.sheetnames[1:]) == {name[:31] for name in tables}
    described = {row[:2] for row in workbook["dictionary"].iter_rows(values_only=True)}
    for name in workbook.sheetnames[1:]:
        for heading in next(workbook[name].iter_rows(values_only=True)):
            assert (name, heading) in described


def test_a_sheet_holds_the_table_and_runs_no_name(folder: Path, workbook: openpyxl.Workbook):
    name = "new_models_by_intended_use"
    _, *rows = workbook[name].iter_rows()
    table = pyarrow.parquet.read_table(folder / f"{name}.parquet")
    assert len(rows) == table.num_rows
    for cells, expected in zip(rows, table.to_pylist(), strict=True):
        for cell, value in zip(cells, expected.values(), strict=True):
            assert cell.data_type != "f", cell.value
            read = cell.value.date() if isinstance(cell.value, datetime) else cell.value
            if isinstance(value, str):  # control characters are written as Excel writes them
                assert _unescaped(read) == value.replace("\r", "\n")
            elif isinstance(value, float):  # of which a spreadsheet keeps 16 digits
                assert read == pytest.approx(value, rel=1e-15)
            else:
                assert read == value


def _unescaped(text: str) -> str:
    return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)


def test_a_table_that_takes_long_to_open_is_no_sheet(
    report: Report, monkeypatch: pytest.MonkeyPatch, data, tmp_path: Path, built: Built
):
    built.point_to(monkeypatch)
    (text,) = (one for one in read_dictionary() if one.name == "new_models")
    files = [report.folder / "extracts" / f"new_models{end}" for end in (".csv", ".parquet")]
    table = pyarrow.parquet.read_table(files[1])
    extract = Extract(text, text.describe(table.schema), table.num_rows, files)
    monkeypatch.setattr(spreadsheet, "MOST_CELLS", table.num_rows * table.num_columns - 1)
    book = openpyxl.load_workbook(spreadsheet.write_spreadsheet([extract], tmp_path, data))
    assert book.sheetnames == ["dictionary"]
