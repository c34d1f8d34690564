"""Fixtures of the two warehouses: one load and one build per engine."""

import shutil
from functools import partial
from pathlib import Path

import duckdb
import pytest

from tests.conftest import made_once
from tests.warehouse import builds
from tests.warehouse.builds import Build


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file with the sample loaded, to be read or copied."""
    return load_once(tmp_path_factory)


@pytest.fixture(scope="session")
def duckdb_build(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The sample, built by DuckDB."""
    folder = build_once(tmp_path_factory, sample_file)
    target, database = folder / "target", folder / "hub.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = {name: builds.rows(connection, name) for name in builds.relations(target)}
    return Build(tables, target, database)


def load_once(factory: pytest.TempPathFactory) -> Path:
    """The sample as loaded into a DuckDB file."""
    return made_once(factory, "loaded", _load) / "hub.duckdb"


def build_once(factory: pytest.TempPathFactory, loaded: Path) -> Path:
    """A folder with the sample as dbt builds it: the database, and dbt's target."""
    return made_once(factory, "built", partial(_build, loaded))


def _load(folder: Path) -> None:
    builds.load("duckdb", folder, {})


def _build(loaded: Path, folder: Path) -> None:
    shutil.copy(loaded, folder / "hub.duckdb")
    shutil.copy(builds.ROOT / "profiles.example.yml", folder / "profiles.yml")
    builds.dbt(
        ["build", "--exclude-resource-type", "unit_test", *builds.SETTINGS],
        "duckdb",
        folder,
        {"HUB_DUCKDB_PATH": str(folder / "hub.duckdb"), "GOOGLE_CLOUD_PROJECT": "unused"},
    )
