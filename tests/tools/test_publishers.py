"""The command that lists who is downloaded and stands in no source."""

from pathlib import Path

import duckdb
import pytest

from tools import publishers


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> duckdb.DuckDBPyConnection:
    """A built database without a month of downloads."""
    path = tmp_path / "hub.duckdb"
    monkeypatch.setenv("HUB_DUCKDB_PATH", str(path))
    monkeypatch.delenv("HUB_SCHEMA_PREFIX", raising=False)
    connection = duckdb.connect(str(path))
    connection.execute("create schema intermediate")
    connection.execute(
        "create table intermediate.int_unit_downloads"
        " (kind varchar, month date, unit varchar, unit_key varchar, downloads double)"
    )
    connection.execute("create table intermediate.int_publishers (publisher varchar)")
    return connection


def add(connection: duckdb.DuckDBPyConnection, month: str, amounts: dict[str, float]) -> None:
    for key, amount in amounts.items():
        connection.execute(
            "insert into intermediate.int_unit_downloads values ('models', ?, 'publisher', ?, ?)",
            [month, key, amount],
        )


def test_the_list_has_neither_who_is_placed_nor_who_is_nobody(database, capsys):
    add(database, "2026-05-01", {"long-ago": 1e9})
    add(database, "2026-07-01", {"placed": 500, "second": 100, "/a-key": 200})
    add(database, "2026-08-01", {"first": 150})
    add(database, "2026-09-01", {"second": 20, "third\x1b[2J": 30})
    database.execute("insert into intermediate.int_publishers values ('placed')")
    database.close()
    assert publishers.main(["--most", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in lines[:3]] == ["first", "second", "third\\u001b[2J"]
    assert "15.000%" in lines[0]
    assert lines[3] == "3 publishers of region unknown, 30.0% of all downloads."


def test_a_warehouse_of_one_snapshot_says_what_is_missing(database, capsys):
    database.close()
    assert publishers.main([]) == 1
    assert "make history" in capsys.readouterr().err


def test_a_warehouse_that_is_not_built_says_so(database, capsys):
    database.execute("drop table intermediate.int_unit_downloads")
    database.close()
    assert publishers.main([]) == 1
    assert "Run 'make build'" in capsys.readouterr().err
