"""The two engines as the report reads them, and what it says where there is nothing to read."""

import json
import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from reports import cli
from reports.errors import ReportError
from reports.exposure import read_exposure
from reports.figures import headlines, sections
from reports.report_data import ReportData, Row
from reports.warehouse import open_warehouse
from tests.reports.conftest import Built
from tests.warehouse.bigquery import Project
from tests.warehouse.googlesql import GoogleSQL, arrow_type_name, scalar_type, table_of


def test_bigquery_takes_what_the_page_asks(built: Built, monkeypatch: pytest.MonkeyPatch):
    built.point_to(monkeypatch)
    language = GoogleSQL()
    with duckdb.connect(str(built.database), read_only=True) as connection:
        for relation in read_exposure().relations:
            empty = connection.execute(f"select * from {relation} limit 0").to_arrow_table()
            columns = {
                field.name: scalar_type(arrow_type_name(field.type)) for field in empty.schema
            }
            language.put_table((relation.schema, relation.name), table_of(columns, []))
            assert list(language.analyse(relation.query).columns) == empty.schema.names


def test_the_page_reads_what_its_exposure_names_and_nothing_else(
    data: ReportData, monkeypatch: pytest.MonkeyPatch
):
    # For what a report says of itself, and for the page of its quality.
    read = {"newest_snapshots", "earlier_listings", "quality_indicators"}
    rows = ReportData.rows

    def watched(self: ReportData, table: str, *order: str) -> list[Row]:
        read.add(table)
        return rows(self, table, *order)

    monkeypatch.setattr(ReportData, "rows", watched)
    sections(data)
    headlines(data)
    assert read == set(data.tables)


def test_no_sql_of_the_report_reads_an_unfinished_table():
    unfinished = re.compile(r"\b(hub_raw|staging|intermediate|seeds)\.[a-z{]")
    folder = Path(cli.__file__).parent
    modules = sorted(folder.rglob("*.py"))
    assert len(modules) > 20
    # The names of codes are facts, and the seeds have them: SDMX's lists are read there.
    assert [path.name for path in modules if unfinished.search(path.read_text("utf-8"))] == [
        "code_lists.py"
    ]
    assert list(folder.rglob("*.sql")) == []


def test_bigquery_is_read_as_duckdb_is(project: Project, monkeypatch: pytest.MonkeyPatch):
    for name, value in project.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GOOGLE_CLOUD_LOCATION", "US")  # the emulator's own
    project.rows("create schema marts")
    project.rows("create table marts.one as select date '2026-09-01' as month, 1.5 as share")
    with open_warehouse("bigquery") as warehouse:
        assert warehouse.tables("marts") == {"one"}
        assert warehouse.tables("trends") == set()
        rows = warehouse.read("select * from marts.one").to_pylist()
        assert rows == [{"month": date(2026, 9, 1), "share": 1.5}]
        with pytest.raises(ReportError, match="Google answered 400"):
            warehouse.read("select nothing from marts.one")


def test_a_missing_database_is_told_with_what_to_do(
    built: Built, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys
):
    built.point_to(monkeypatch, tmp_path / "none.duckdb")
    assert cli.main(["build", "--output", str(tmp_path / "report")]) == 1
    said = capsys.readouterr().err
    assert "There is no database" in said
    assert "make load build" in said


def test_a_database_without_marts_is_told_with_what_to_do(
    built: Built, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys
):
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    built.point_to(monkeypatch, tmp_path / "empty.duckdb")
    assert cli.main(["build", "--output", str(tmp_path / "report")]) == 1
    said = capsys.readouterr().err
    assert "empty.duckdb lacks tables that the page reads: " in said
    assert "marts.new_models" in said
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize("table", ["reporting.top_models", "marts.average_model_parameters"])
def test_a_missing_table_is_an_error_and_no_empty_chart(
    built: Built, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys, table: str
):
    shutil.copy(built.database, tmp_path / "partly.duckdb")
    with duckdb.connect(str(tmp_path / "partly.duckdb")) as connection:
        connection.execute(f"drop table {table}")
    built.point_to(monkeypatch, tmp_path / "partly.duckdb")
    assert cli.main(["build", "--output", str(tmp_path / "report"), "--no-docs"]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("error: ")
    assert f"lacks tables that the page reads: {table}. 'make build' makes them" in said
    assert not (tmp_path / "report").exists()


def test_a_database_without_models_is_told_with_what_to_do(
    built: Built, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys
):
    shutil.copy(built.database, tmp_path / "bare.duckdb")
    with duckdb.connect(str(tmp_path / "bare.duckdb")) as connection:
        connection.execute("delete from marts.new_models")
    built.point_to(monkeypatch, tmp_path / "bare.duckdb")
    assert cli.main(["build", "--output", str(tmp_path / "report"), "--no-docs"]) == 1
    assert "has no model in it. Load a Hub and build it first" in capsys.readouterr().err


def test_a_manifest_that_does_not_know_the_page_is_told_with_what_to_do(
    built: Built, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys
):
    built.point_to(monkeypatch)
    manifest = json.loads((built.target / "manifest.json").read_text(encoding="utf-8"))
    manifest["exposures"] = {}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    assert cli.main(["build", "--output", str(tmp_path / "report")]) == 1
    said = capsys.readouterr().err
    assert "does not say what the page reads. 'dbt build' writes it anew." in said


def test_marts_of_older_code_are_told_with_what_to_do(
    built: Built, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys
):
    shutil.copy(built.database, tmp_path / "older.duckdb")
    with duckdb.connect(str(tmp_path / "older.duckdb")) as connection:
        connection.execute("alter table marts.new_models drop column is_complete_month")
    built.point_to(monkeypatch, tmp_path / "older.duckdb")
    assert cli.main(["build", "--output", str(tmp_path / "report"), "--no-docs"]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("error: The tables in ")
    assert "'dbt build --full-refresh'" in said
    assert not (tmp_path / "report").exists()


def test_a_missing_manifest_is_told_with_what_to_do(
    built: Built, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys
):
    built.point_to(monkeypatch)
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    assert cli.main(["build", "--output", str(tmp_path / "report")]) == 1
    assert "'dbt build' writes it" in capsys.readouterr().err


def test_bigquery_without_a_project_is_told_with_what_to_do(
    built: Built, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys
):
    built.point_to(monkeypatch)
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT")
    # As make has it for the sample: the manifest of another prefix is not what is wrong.
    monkeypatch.setenv("HUB_SCHEMA_PREFIX", "sample_")
    arguments = ["build", "--target", "bigquery", "--output", str(tmp_path / "report")]
    assert cli.main(arguments) == 1
    assert "BigQuery needs a project: set GOOGLE_CLOUD_PROJECT to its id" in capsys.readouterr().err


def test_a_table_that_the_page_does_not_read_is_not_taken_for_an_empty_one(data: ReportData):
    with pytest.raises(KeyError):
        data.rows("no_such_table")


def test_rows_come_in_the_order_that_is_asked_for(data: ReportData):
    rows = [{"n": n, "s": s} for n, s in ((1, "b"), (None, "a"), (2, "c"), (1, "a"))]
    ordered = replace(data, tables={"t": rows}).rows("t", "-n", "s")
    assert [(row["n"], row["s"]) for row in ordered] == [(2, "c"), (1, "a"), (1, "b"), (None, "a")]


def test_what_the_hub_does_not_say_is_not_counted_as_none(data: ReportData):
    rows = data.rows("text_generation_by_creation")
    known = sum(row["models"] for row in data.rows("text_generation_classes"))
    assert sum(row["models"] for row in rows) == known
    assert [row["typical_likes"] for row in rows if row["download_step"] == 16] == [None]


def test_reading_a_report_changes_nothing(built: Built, report):
    before = built.database.stat().st_mtime_ns
    with duckdb.connect(str(built.database), read_only=True) as connection:
        schemas = connection.execute("select distinct table_schema from information_schema.tables")
        assert "reports" not in {schema for (schema,) in schemas.fetchall()}
    assert built.database.stat().st_mtime_ns == before
