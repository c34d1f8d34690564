"""The command that fills in the vintages of the past, on the sample's two months."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests import forked
from tests.warehouse import builds
from tests.warehouse.builds import Build, Rows
from tests.warehouse.parity import build_differences, differences
from tests.warehouse.reference import compute_marts
from tests.warehouse.test_marts_against_reference import SEEDS, synthetic_snapshots
from tools import vintages

EARLIER, NEWEST = builds.SNAPSHOT_DATES
PUBLISHED = ("intermediate", "marts")
CATEGORIES = ("nlp", "cv", "audio", "multimodal", "tabular", "rl", "other")
COMMAND = ["tools.vintages", "--target", "duckdb"]


@pytest.fixture
def folder(duckdb_build: Build, tmp_path: Path) -> Path:
    """A place with the sample, of which the newest month was built."""
    shutil.copy(duckdb_build.database, tmp_path / "hub.duckdb")
    shutil.copy(builds.ROOT / "profiles.example.yml", tmp_path / "profiles.yml")
    return tmp_path


def rows(folder: Path, relation: str) -> Rows:
    with duckdb.connect(str(folder / "hub.duckdb"), read_only=True) as connection:
        return builds.rows(connection, relation)


def environment_of(folder: Path) -> dict[str, str]:
    return {
        "HUB_DUCKDB_PATH": str(folder / "hub.duckdb"),
        "DBT_PROFILES_DIR": str(folder),
        "DBT_LOG_PATH": str(folder / "logs"),
        "GOOGLE_CLOUD_PROJECT": "unused",
        "TMPDIR": str(folder),
        **builds.QUIET,
    }


def schemas(folder: Path) -> set[str]:
    found = rows(folder, "(select distinct table_schema from information_schema.tables)")
    return {row["table_schema"] for row in found}


def published(folder: Path) -> dict[str, Rows]:
    names = rows(folder, "(select table_schema, table_name from information_schema.tables)")
    return {
        f"{name['table_schema']}.{name['table_name']}": rows(
            folder, f"{name['table_schema']}.{name['table_name']}"
        )
        for name in names
        if name["table_schema"] in PUBLISHED
    }


def expected_vintage() -> dict[tuple[str, date], float | None]:
    """The headlines of the earlier month, by figure and month, from the records themselves."""
    marts = compute_marts(synthetic_snapshots(), SEEDS, as_of=date.fromisoformat(EARLIER))
    figures = {
        ("new_models", row["month"]): row["new_models"]
        for row in marts["new_models"]
        if row["population"] == "all"
    }
    for mart, column in (
        ("average_model_parameters", "median_parameters"),
        ("average_training_costs", "median_cost_usd_central"),
        ("training_cost_per_million_parameters", "median_cost_per_million_usd_central"),
    ):
        for row in marts[mart]:
            if row["is_headline"]:
                figures[column, row["month"]] = row[column]
    tasks = marts["new_models_by_intended_use"]
    for month in {row["month"] for row in tasks}:
        new = [row for row in tasks if row["month"] == month]
        undeclared = [row["share_of_all"] for row in new if row["category"] == "not-declared"]
        figures["share_not-declared", month] = undeclared[0]
        for category in CATEGORIES:
            shares = [row["share_of_declared"] for row in new if row["category"] == category]
            is_any_declared = len(new) > len(undeclared)
            figures[f"share_{category}", month] = sum(shares) if is_any_declared else None
    return figures


def kill_in_the_middle(folder: Path, environment: dict[str, str]) -> None:
    """Kill the command, with all that it started, while it builds what a vintage is made from."""
    process = subprocess.Popen(
        [sys.executable, "-m", *COMMAND],
        cwd=builds.ROOT,
        env=os.environ | environment,
        start_new_session=True,
    )
    while not list(folder.glob("vintages-*/target/run/**/int_models.sql")):
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    while True:  # until dbt, a process of its own, has let go of the database
        with suppress(duckdb.IOException):
            duckdb.connect(str(folder / "hub.duckdb"), read_only=True).close()
            return
        time.sleep(0.05)


def test_a_killed_run_is_ended_by_the_next_and_touches_nothing_that_is_published(folder: Path):
    before, newest = published(folder), rows(folder, "ecosystem.figure_vintages")
    environment = environment_of(folder)
    kill_in_the_middle(folder, environment)
    assert "vintages_intermediate" in schemas(folder)
    assert rows(folder, "ecosystem.figure_vintages") == newest

    ended = forked.run(COMMAND, os.environ | environment)
    assert ended.returncode == 0, ended.output
    assert "vintages added: 1" in ended.output
    assert not [schema for schema in schemas(folder) if schema.startswith("vintages_")]
    assert build_differences(before, published(folder)) == []

    kept = rows(folder, "ecosystem.figure_vintages")
    assert differences([row for row in kept if str(row["vintage"]) == NEWEST], newest) == []
    added = [row for row in kept if str(row["vintage"]) == EARLIER]
    assert all(row["is_reconstructed"] for row in added)
    found = {(row["figure"], row["month"]): row["value"] for row in added}
    expected = expected_vintage()
    assert found.keys() == expected.keys()
    assert found == pytest.approx(expected, rel=1e-9)


def test_no_build_changes_what_was_published_of_a_snapshot(folder: Path):
    """Nor does a full refresh: what is lost there, no later build can make again."""
    before = rows(folder, "ecosystem.figure_vintages")
    with duckdb.connect(str(folder / "hub.duckdb")) as connection:
        # As after another load of the same day: by this method, and by one that moves no figure.
        connection.execute("update marts.new_models set new_models = 2 * new_models")
        connection.execute(
            "update marts.average_model_parameters set method_version = method_version || '1'"
        )
        # As after a change of method.
        connection.execute("update marts.average_training_costs set method_version = '99.0.0'")
    refresh = ["run", "--full-refresh", "--select", "figure_vintages", *builds.SETTINGS]
    builds.dbt(refresh, "duckdb", folder, environment_of(folder))
    after = rows(folder, "ecosystem.figure_vintages")
    added = [row for row in after if row not in before]
    assert len(after) == len(before) + len(added)
    assert {(row["figure"], row["method_version"]) for row in added} == {
        ("median_cost_usd_central", "99.0.0")
    }


def test_a_database_that_is_not_built_is_refused_in_one_line(tmp_path, capsys, monkeypatch):
    duckdb.connect(str(tmp_path / "hub.duckdb")).close()
    monkeypatch.setenv("HUB_DUCKDB_PATH", str(tmp_path / "hub.duckdb"))
    assert vintages.main(["--target", "duckdb"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert "make build" in said.err
    assert said.err.count("\n") == 1
