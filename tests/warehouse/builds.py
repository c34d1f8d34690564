"""The whole way on each engine, with the commands that people type: load, then ``dbt build``."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from tests import forked

ROOT = Path(__file__).parents[2]
DBT = Path(sys.executable).with_name("dbt")

Rows = list[dict[str, Any]]

# Two months of a synthetic Hub: repositories come, change and go in between. It is small because
# GoogleSQL's evaluator and the emulator are slow, and it has every odd shape of the real one.
SNAPSHOT_DATES = ("2026-09-03", "2026-10-03")
SAMPLE_MODELS = 1200
SAMPLE_DATASETS = 800
SAMPLE = (
    *("--hub", "sample"),
    *("--sample-models", str(SAMPLE_MODELS)),
    *("--sample-datasets", str(SAMPLE_DATASETS)),
)

# The sample is too small for the limits under which a statistic is not shown.
SETTINGS = ("--vars", "{min_values: 2, min_coverage: 0}")

# Of Google Cloud, in both BigQuery nets.
PROJECT = "test-project"

# The models that keep what they made of earlier snapshots, and what they are made from.
KEPT_BY_SNAPSHOT = "kept_by_snapshot"
INCREMENTAL = ("--select", f"+tag:{KEPT_BY_SNAPSHOT}")

QUIET = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "RUNTIME__DLTHUB_TELEMETRY": "false"}


@dataclass(frozen=True)
class Build:
    """The build of the sample by one engine.

    Attributes:
        tables: the rows of every model, by ``schema.name``.
        target: dbt's target folder, with its manifest and the statements that it sent.
        database: DuckDB's file, to be read or copied.
    """

    tables: dict[str, Rows]
    target: Path
    database: Path | None = None


def models(target: Path, *, built: bool = False) -> list[dict[str, Any]]:
    """Dbt's description of each model, or of each of the last run, from its target folder."""
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    chosen = outcomes(target) if built else nodes
    return [
        node for key, node in nodes.items() if key in chosen and node["resource_type"] == "model"
    ]


def rows(connection: duckdb.DuckDBPyConnection, relation: str) -> Rows:
    """A whole relation of a DuckDB database."""
    answer = connection.execute(f"select * from {relation}")
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def relations(target: Path, *, built: bool = False) -> list[str]:
    """The models, or those of the last run, as ``schema.name``."""
    return [f"{model['schema']}.{model['alias']}" for model in models(target, built=built)]


def statement(target: Path, model: dict[str, Any]) -> str:
    """The statement with which dbt made a model, DDL included."""
    path = target / "run" / model["package_name"] / model["original_file_path"]
    return path.read_text()


def load(destination: str, folder: Path, environment: dict[str, str]) -> None:
    """Load both snapshots of the sample; the arguments are those of ``load_snapshot``."""
    for snapshot_date in SNAPSHOT_DATES:
        load_snapshot(SAMPLE, snapshot_date, destination, folder, environment)


def load_snapshot(
    hub: Sequence[str],
    snapshot_date: str,
    destination: str,
    folder: Path,
    environment: dict[str, str],
) -> None:
    """Load one snapshot.

    Args:
        hub: the options that name the Hub.
        snapshot_date: YYYY-MM-DD.
        destination: the engine.
        folder: where the landing zone and the DuckDB file are.
        environment: further variables.

    Raises:
        RuntimeError: the load failed; the message holds what it said.
    """
    command = ["load", *hub, "--snapshot-date", snapshot_date, "--target", destination]
    loaders(command, destination, folder, environment)


def loaders(
    arguments: Sequence[str], destination: str, folder: Path, environment: dict[str, str]
) -> None:
    """Run a command of the loaders on the database and the landing zone in a folder.

    Raises:
        RuntimeError: it failed; the message holds what it said.
    """
    _run(
        ["loaders", *arguments],
        {
            "HUB_DUCKDB_PATH": str(folder / "hub.duckdb"),
            "HUB_LANDING": str(folder / "landing"),
            # One job at a time, as is right for DuckDB, is slow where each is waited for.
            "LOAD__WORKERS": "1" if destination == "duckdb" else "8",
        }
        | environment,
    )


def dbt(arguments: Sequence[str], target: str, folder: Path, environment: dict[str, str]) -> None:
    """Run dbt with the profile in a folder, its target and log folders beside it.

    Raises:
        RuntimeError: dbt failed; the message holds what it said.
    """
    # What is debugged stands in the target; a log of every event takes a tenth of a build.
    log = ("--log-level-file", "error")
    _run(["dbt", *arguments, *dbt_options(target, folder), *log], environment)


def dbt_options(target: str, folder: Path) -> list[str]:
    """Options that keep a run of dbt out of the project's own folders."""
    return [
        *("--project-dir", str(ROOT)),
        *("--profiles-dir", str(folder)),
        *("--target", target),
        *("--target-path", str(folder / "target")),
        *("--log-path", str(folder / "logs")),
        *("--quiet", "--no-use-colors"),
    ]


def outcomes(target: Path) -> dict[str, str]:
    """The status of each node of the last run, with its message if it failed, by the node's id."""
    results = json.loads((target / "run_results.json").read_text())["results"]
    return {
        result["unique_id"]: result["status"]
        if result["status"] in ("success", "pass")
        else f"{result['status']} {result['message']}"
        for result in results
    }


def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    ended = forked.run(command, os.environ | QUIET | environment)
    if ended.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{ended.output[-5000:]}")
