"""Fixtures of the two warehouses: one load and one build per engine."""

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.warehouse import builds
from tests.warehouse.builds import Build


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file with the sample loaded."""
    folder = tmp_path_factory.mktemp("duckdb")
    builds.load("duckdb", folder, {})
    return folder / "hub.duckdb"


@pytest.fixture(scope="session")
def duckdb_build(sample_file: Path) -> Build:
    """The sample, built by DuckDB."""
    folder = sample_file.parent
    shutil.copy(builds.ROOT / "profiles.example.yml", folder / "profiles.yml")
    environment = {"HUB_DUCKDB_PATH": str(sample_file), "GOOGLE_CLOUD_PROJECT": "unused"}
    builds.dbt(
        ["build", "--exclude-resource-type", "unit_test", *builds.SETTINGS],
        "duckdb",
        folder,
        environment,
    )
    target = folder / "target"
    with duckdb.connect(str(sample_file), read_only=True) as connection:
        tables = {name: builds.rows(connection, name) for name in builds.relations(target)}
    return Build(tables, target)
