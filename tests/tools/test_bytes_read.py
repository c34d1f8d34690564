"""The estimate of what BigQuery reads, on a project of three models."""

import json
from pathlib import Path

import duckdb
import pytest

from tools import bytes_read
from tools.bytes_read import FULL_SIZE, MONTHS, Estimate


def node(name: str, schema: str, sql: str | None, materialized: str, **more) -> dict:
    kind = more.pop("kind", "model")
    return {
        "name": name,
        "alias": name,
        "schema": schema,
        "resource_type": kind,
        "description": more.pop("description", "One row per model."),
        "compiled_code": sql,
        "config": {"materialized": materialized, **more},
    }


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "hub.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema hub_raw; create schema intermediate")
        connection.execute(
            "create table hub_raw.models as select range as downloads, 'ten letters' as tags,"
            " date '2026-10-01' as snapshot_date from range(1000)"
        )
        connection.execute(
            "create table hub_raw.datasets as select 1 as downloads,"
            " date '2026-10-01' as snapshot_date"
        )
        connection.execute(
            "create table intermediate.int_counts as select downloads from hub_raw.models"
        )
    return path


def estimate(
    database: Path, *nodes: dict, is_first: bool = False
) -> dict[str, list[tuple[str, int | None, float]]]:
    source = node("models", "hub_raw", None, "", kind="source")
    manifest = {"nodes": {one["name"]: one for one in nodes}, "sources": {"models": source}}
    made = Estimate(manifest, database, is_first)
    return {
        one["name"]: [(r.table, r.months, r.bytes) for r in made.readings(one)] for one in nodes
    }


VIEW = node("stg", "staging", 'select downloads as loads, tags from "hub_raw"."models"', "view")


def test_only_the_columns_that_are_read_count_also_behind_a_view(database: Path):
    counts = node("int_counts", "intermediate", 'select loads from "staging"."stg"', "table")
    (reading,) = estimate(database, VIEW, counts)["int_counts"]
    assert reading == ("models", 1, 8.0 * FULL_SIZE["models"])


def test_a_model_that_compares_snapshots_reads_two_months_and_a_test_reads_all(database: Path):
    sql = 'select loads from "staging"."stg"'
    versions = [{"sql": "delete_outdated_snapshots(['previous_snapshot_date'])"}]
    compared = node("compared", "intermediate", sql, "incremental", **{"pre-hook": versions})
    tested = node("tested", "tests", sql, "test", kind="test")
    found = estimate(database, VIEW, compared, tested)
    assert found["compared"] == [("models", 2, 16.0 * FULL_SIZE["models"])]
    assert found["tested"] == [("models", MONTHS, 8.0 * FULL_SIZE["models"] * MONTHS)]


@pytest.mark.parametrize(
    ("columns", "months"), [("[]", 1), ("['previous_snapshot_date']", 2), ("['read_from']", 4)]
)
def test_the_first_build_reads_all_months_of_what_is_kept(
    database: Path, columns: str, months: int
):
    hook = [{"sql": f"delete_outdated_snapshots({columns})"}]
    sql = 'select loads from "staging"."stg"'
    kept = node("kept", "intermediate", sql, "incremental", **{"pre-hook": hook})
    made = node("made", "intermediate", sql, "table")
    found = estimate(database, VIEW, kept, made, is_first=True)
    assert found["kept"][0][1] == months * MONTHS
    assert found["made"][0][1] == 1


def test_of_a_database_with_years_of_listings_the_newest_stands_for_each(database: Path):
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "insert into hub_raw.models select 1, 'ten letters', date '2026-09-01' from range(500)"
        )
    read = node("read", "marts", 'select loads from "staging"."stg"', "table")
    assert estimate(database, VIEW, read)["read"] == [("models", 1, 8.0 * FULL_SIZE["models"])]


def test_a_table_with_a_row_for_each_snapshot_has_all_months(database: Path):
    kept = node("int_counts", "intermediate", None, "table", description="One row per snapshot.")
    read = node("read", "marts", 'select downloads from "intermediate"."int_counts"', "table")
    found = estimate(database, kept | {"compiled_code": "select 1 as one"}, read)
    assert found["read"] == [("int_counts", None, 8.0 * FULL_SIZE["models"] * MONTHS)]


@pytest.mark.parametrize("damage", ["no manifest", "no database"])
def test_a_missing_build_is_one_line(damage: str, database: Path, tmp_path: Path, capsys):
    manifest = tmp_path / "manifest.json"
    if damage == "no database":
        manifest.write_text(json.dumps({"nodes": {}, "sources": {}}))
        database = tmp_path / "none.duckdb"
    code = bytes_read.main(["--database", str(database), "--manifest", str(manifest)])
    said = capsys.readouterr().err
    assert (code, said.count("\n"), said.startswith("error: no build to read")) == (1, 1, True)
