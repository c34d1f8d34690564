"""The tables as files for others."""

import csv
import importlib.util
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from reports import extracts
from reports.dictionary import Contract, TableText, read_dictionary
from reports.errors import ReportError
from reports.extracts import Extract, write_csv, write_extracts
from reports.report_data import ReportData
from reports.tableau import write_data_sources
from reports.warehouse import open_warehouse
from tests.reports.conftest import HOSTILE, Built, Report

MARTS = (
    "average_model_parameters",
    "average_training_costs",
    "dataset_share_by_language",
    "datasets_by_language_and_task",
    "new_models",
    "new_models_by_intended_use",
    "training_cost_per_million_parameters",
)


@pytest.fixture(scope="module")
def folder(report: Report) -> Path:
    return report.folder / "extracts"


@pytest.fixture(scope="module")
def dictionary(folder: Path) -> list[dict[str, str]]:
    with (folder / "data_dictionary.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_mart_is_handed_on(folder: Path):
    for suffix in (".csv", ".parquet"):
        assert {path.stem for path in folder.glob(f"*{suffix}")} >= set(MARTS)


@pytest.mark.parametrize("mart", MARTS)
def test_both_kinds_of_file_hold_the_same(folder: Path, mart: str):
    parquet = pyarrow.parquet.read_table(folder / f"{mart}.parquet")
    text = pyarrow.csv.read_csv(
        folder / f"{mart}.csv",
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=parquet.schema, strings_can_be_null=False
        ),
    )
    assert text.num_rows == parquet.num_rows > 0
    for field in parquet.schema:
        if field.type != pa.string():
            assert text.column(field.name).equals(parquet.column(field.name)), field.name


def test_every_column_is_described_with_its_type_and_unit(folder: Path, dictionary):
    described = {(row["table"], row["column"]): row for row in dictionary}
    for path in folder.glob("*.parquet"):
        for column in pyarrow.parquet.read_schema(path).names:
            row = described[path.stem, column]
            assert row["description"], (path.stem, column)
            assert row["type"], (path.stem, column)
            if "number" in row["type"]:
                assert row["unit"], (path.stem, column)


@pytest.mark.parametrize(
    ("table", "column", "said"),
    [
        ("average_model_parameters", "models_with_parameters", ("models", "sum", "month")),
        ("average_model_parameters", "geometric_mean_ci_low", ("parameters", "none", "")),
        ("average_model_parameters", "publishers", ("publishers", "none", "")),
        (
            "training_cost_per_million_parameters",
            "cost_per_million_first_of_size_usd_low",
            ("current US dollars per million parameters", "none", ""),
        ),
        ("new_models", "cumulative_models", ("models", "max", "")),
        ("new_models", "month", ("", "", "")),
        (
            "datasets_by_language_and_task",
            "datasets_fractional",
            ("datasets", "sum", "language, task"),
        ),
    ],
)
def test_the_dictionary_says_of_each_number_what_its_contract_does(
    dictionary, table: str, column: str, said: tuple[str, str, str]
):
    (row,) = (row for row in dictionary if (row["table"], row["column"]) == (table, column))
    assert (row["unit"], row["aggregation"], row["additive_over"]) == said


@pytest.mark.parametrize("missing", ["unit", "aggregation"])
def test_a_column_that_does_not_say_what_its_number_is_ends_the_report(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
):
    manifest = json.loads((built.target / "manifest.json").read_text(encoding="utf-8"))
    columns = manifest["nodes"]["model.hub_observatory.new_models"]["columns"]
    del columns["publishers"]["config"]["meta"][missing]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    with pytest.raises(ReportError, match=f"no {missing} for the column publishers of new_models"):
        read_dictionary()


def test_a_column_that_dbt_does_not_know_is_not_handed_on_without_a_word():
    table = TableText("marts", "new_models", "", {"month": Contract("", "", "none")})
    with pytest.raises(ReportError, match=r"marts\.new_models has columns .*: publishers, likes\."):
        table.describe(pa.schema([(name, pa.int64()) for name in ("month", "publishers", "likes")]))


def test_a_formula_is_kept_from_running_and_the_rest_as_it_is(tmp_path: Path):
    hidden = [" =1", "\u00a0=1", "\ufeff=1", "\u200b \u3000+1", "\u202e@A1", "\x0b-1", "\n =1"]
    names = [*HOSTILE, "\t=1", "\uff1d1", *hidden, "plain-name", " a = 1", "\u00a0x", "", None]
    write_csv(
        pa.table({"name": pa.array(names, pa.string()), "value": [-1.5] * len(names)}),
        tmp_path / "x",
    )
    with (tmp_path / "x").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    for name, (written, value) in zip(names, rows, strict=True):
        is_formula = name in hidden or (name or "")[:1] in ("=", "+", "-", "@", "\t", "\uff1d")
        assert written == ("'" + name if name and is_formula else name or "")
        assert value == "-1.5"  # a negative number is none


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: ReportData) -> list[Extract]:
    """Hand on a view of three rows, where a file may have two."""
    database = tmp_path / "hub.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema trends")
        connection.execute("create view trends.small as select 'a' as model_id, 3 as downloads")
        connection.execute("create view trends.large as select 1 as downloads from range(3)")
    monkeypatch.setenv("HUB_DUCKDB_PATH", str(database))
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "a-project")
    monkeypatch.setattr(extracts, "MOST_ROWS", 2)
    columns = {
        "model_id": Contract("", "", "none"),
        "downloads": Contract("", "downloads in the last 30 days", "sum", ("model_id",)),
    }
    tables = [TableText("trends", name, "", columns) for name in ("small", "large", "not_built")]
    with open_warehouse("duckdb") as warehouse:
        return write_extracts(warehouse, tables, tmp_path / "extracts", data)


def test_a_view_is_handed_on_as_a_table_is(study: list[Extract]):
    small, _ = study
    assert small.files[0].read_text(encoding="utf-8") == '"model_id","downloads"\n"a",3\n'


def test_a_table_that_no_spreadsheet_holds_is_not_cut_but_left_in_the_warehouse(
    study: list[Extract], tmp_path: Path, data: ReportData
):
    _, large = study
    assert (large.rows, large.files) == (3, [])
    assert not list((tmp_path / "extracts").glob("large*"))
    dictionary = (tmp_path / "extracts" / "data_dictionary.csv").read_text(encoding="utf-8")
    line = '"large","downloads","whole number","downloads in the last 30 days","sum","model_id"'
    assert line in dictionary
    sources = write_data_sources(study, tmp_path / "tableau", data)
    assert {path.name for path in sources} == {"small.tdsx", "small.tds", "large.tds"}


def test_credit_licence_and_citation_travel_with_each_file(folder: Path):
    for mart in MARTS:
        beside = json.loads((folder / f"{mart}.csv-metadata.json").read_text(encoding="utf-8"))
        assert beside["url"] == f"{mart}.csv"
        columns = [column["name"] for column in beside["tableSchema"]["columns"]]
        assert all(
            ("schema:unitText" in column)
            == ("rdfs:comment" in column)
            == (column["datatype"] in ("integer", "number"))
            for column in beside["tableSchema"]["columns"]
        )
        with (folder / f"{mart}.csv").open(encoding="utf-8", newline="") as file:
            assert columns == next(csv.reader(file))
        within = pyarrow.parquet.read_schema(folder / f"{mart}.parquet").metadata
        for key in ("source", "license", "rights", "bibliographicCitation", "conformsTo"):
            assert beside[f"dcterms:{key}"] == within[key.encode()].decode(), key
        assert "CC BY 4.0" in beside["dcterms:rights"]
        assert (
            f"Hub Observatory, {mart}, snapshot of 15\u00a0March"
            in (beside["dcterms:bibliographicCitation"])
        )
        # Costs alone rest on Epoch AI's data.
        assert ("Epoch AI" in beside["dcterms:rights"]) == ("cost" in mart), mart


@pytest.mark.skipif(
    importlib.util.find_spec("tableauhyperapi") is None,
    reason="the extra 'tableau' is not installed",
)
def test_hyper_files_hold_every_row_and_name(folder: Path):
    from tableauhyperapi import Connection, HyperProcess, Telemetry

    with HyperProcess(
        Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters={"log_config": ""}
    ) as process:
        for mart in MARTS:
            with Connection(process.endpoint, folder / f"{mart}.hyper") as connection:
                rows = connection.execute_list_query('select * from "Extract"."Extract"')
            expected = pyarrow.parquet.read_table(folder / f"{mart}.parquet")
            assert len(rows) == expected.num_rows
            if mart == "new_models_by_intended_use":
                assert set(HOSTILE) <= {cell for row in rows for cell in row}
