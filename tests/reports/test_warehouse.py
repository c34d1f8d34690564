"""The two engines as the report reads them, and what it says where there is nothing to read."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from reports import cli
from reports.errors import ReportError
from reports.report_data import ReportData, query, query_names
from reports.warehouse import open_warehouse
from tests.reports.conftest import Built
from tests.warehouse.bigquery import Project, emulated_bigquery
from tests.warehouse.googlesql import GoogleSQL, arrow_type_name, scalar_type, table_of


@pytest.fixture(scope="module")
def googlesql(built: Built) -> GoogleSQL:
    """GoogleSQL with every table that the report may read, without rows."""
    language = GoogleSQL()
    with duckdb.connect(str(built.database), read_only=True) as connection:
        relations = connection.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_schema in ('marts', 'trends', 'intermediate')"
        ).fetchall()
        for schema, name in relations:
            empty = connection.execute(f"select * from {schema}.{name} limit 0").to_arrow_table()
            columns = {
                field.name: scalar_type(arrow_type_name(field.type)) for field in empty.schema
            }
            language.put_table((schema, name), table_of(columns, []))
    return language


@pytest.mark.parametrize("name", query_names())
def test_bigquery_takes_every_question(googlesql: GoogleSQL, built: Built, name: str):
    sql = query(name)
    if "trends." in sql and googlesql.table(("trends", "text_generation_weekly")) is None:
        pytest.skip("the study's tables are not built")
    with duckdb.connect(str(built.database), read_only=True) as connection:
        answered = connection.execute(f"describe {sql}").fetchall()
    assert list(googlesql.analyse(sql).columns) == [column for column, *_ in answered]


def test_bigquery_is_read_as_duckdb_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with emulated_bigquery(tmp_path / "errors.log") as url:
        project = Project(url, "test-report")
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
    assert "has no marts" in capsys.readouterr().err
    assert not (tmp_path / "report").exists()


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


def test_a_question_that_is_not_there_is_no_empty_answer(data: ReportData):
    with pytest.raises(KeyError):
        data.rows("no_such_question")


def test_what_the_hub_does_not_say_is_not_counted_as_none(data: ReportData):
    rows = data.rows("downloads_by_creation")
    known = sum(row["models"] for row in data.rows("text_generation_popularity"))
    assert sum(row["models"] for row in rows) == known
    assert [row["typical_likes"] for row in rows if row["download_step"] == 16] == [None]


def test_reading_a_report_changes_nothing(built: Built, report):
    before = built.database.stat().st_mtime_ns
    with duckdb.connect(str(built.database), read_only=True) as connection:
        schemas = connection.execute("select distinct table_schema from information_schema.tables")
        assert "reports" not in {schema for (schema,) in schemas.fetchall()}
    assert built.database.stat().st_mtime_ns == before
