"""Fixtures of the two warehouses: one load and one build per engine."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.warehouse import builds
from tests.warehouse.bigquery import Project, emulated_bigquery
from tests.warehouse.builds import Build


@pytest.fixture(scope="session")
def bigquery_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running emulator. One per session: its start takes two seconds."""
    log = tmp_path_factory.mktemp("bigquery") / "errors.log"
    with emulated_bigquery(log) as url:
        yield url


@pytest.fixture
def project(bigquery_url: str) -> Project:
    """An empty Google Cloud project, the test's own."""
    return Project(bigquery_url, f"test-{uuid.uuid4().hex[:12]}")


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
