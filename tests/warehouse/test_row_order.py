"""The order of rows, which no engine with several threads keeps, changes no digit of a figure."""

import shutil
from collections import Counter
from pathlib import Path

import duckdb

from tests.warehouse import builds


def _rows(connection: duckdb.DuckDBPyConnection, statement: str) -> Counter[str]:
    """Rows to the last digit, in no order."""
    return Counter(map(repr, connection.execute(statement).fetchall()))


def test_the_same_data_in_another_order_make_the_same_digits(duckdb_build, tmp_path):
    shutil.copy(duckdb_build.database, tmp_path / "hub.duckdb")
    tables = [
        model
        for model in builds.models(duckdb_build.target)
        if model["config"]["materialized"] == "table"
    ]
    compiled = {model["name"]: Path(duckdb_build.target, "compiled") for model in tables}
    for model in tables:
        path = compiled[model["name"]] / model["package_name"] / model["original_file_path"]
        compiled[model["name"]] = path.read_text(encoding="utf-8")
    with duckdb.connect(str(tmp_path / "hub.duckdb")) as connection:
        connection.execute("set TimeZone = 'UTC'")
        made = {name: _rows(connection, statement) for name, statement in compiled.items()}
        stored = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_type = 'BASE TABLE' and table_schema <> 'hub_raw'"
        ).fetchall()
        for (table,) in stored:
            connection.execute(
                f"create or replace table {table} as from {table} order by hash(rowid)"
            )
        differing = [
            name
            for name, statement in compiled.items()
            if _rows(connection, statement) != made[name]
        ]
    assert len(made) > 20
    assert differing == []
