"""A database that an older version made: read as it is, brought up to date by the next load."""

import json
import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from loaders import cli
from loaders.warehouse import raw_schema
from tests.loaders.conftest import dataset, model, write_records
from tests.warehouse import builds

# The columns of hub_raw.snapshots in version 1.0.0.
COLUMNS_OF_1_0 = (
    *("kind", "snapshot_date", "source", "is_synthetic", "records", "rejects"),
    *("without_created_at", "pages", "requests", "rate_limited", "bytes"),
    *("crawl_started_at", "crawl_finished_at", "loaded_at", "is_forced"),
)


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a database that version 1.0.0 loaded, with its records."""
    monkeypatch.setenv("HUB_DUCKDB_PATH", str(tmp_path / "hub.duckdb"))
    monkeypatch.setenv("HUB_LANDING", str(tmp_path / "landing"))
    hub = write_records(tmp_path / "hub", models=[model(1)], datasets=[dataset(1)])
    # Version 1.0.0 asked no folder whether it was whole, and went by its path.
    facts = {"source": str(hub), "is_complete": True}
    (hub / "hub.json").write_text(json.dumps(facts))
    schema = pa.schema([raw_schema.SNAPSHOTS.field(name) for name in COLUMNS_OF_1_0])
    with monkeypatch.context() as version:
        version.setattr(raw_schema, "SNAPSHOTS", schema)
        version.setitem(raw_schema.TABLES, "snapshots", schema)
        assert load(tmp_path, "2026-09-30") == 0
    return tmp_path


def load(folder: Path, day: str) -> int:
    return cli.main(["load", "--hub", str(folder / "hub"), "--snapshot-date", day])


def columns(folder: Path) -> list[str]:
    with duckdb.connect(str(folder / "hub.duckdb"), read_only=True) as database:
        return [row[0] for row in database.execute("describe hub_raw.snapshots").fetchall()]


def test_the_snapshots_of_an_older_database_are_listed_and_its_next_load_adds_columns(
    older, capsys
):
    assert columns(older) == list(COLUMNS_OF_1_0)
    capsys.readouterr()
    assert cli.main(["snapshots", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    newer = set(raw_schema.SNAPSHOTS.names) - set(COLUMNS_OF_1_0)
    assert newer
    assert [{row[name] for name in newer} for row in rows] == [{None}, {None}]
    assert load(older, "2026-10-31") == 0
    assert columns(older) == raw_schema.SNAPSHOTS.names
    assert cli.main(["snapshots", "--drop", "2026-09-30"]) == 0


def test_dbt_builds_an_older_database_without_a_new_load(older):
    shutil.copy(builds.ROOT / "profiles.example.yml", older / "profiles.yml")
    environment = {"HUB_DUCKDB_PATH": str(older / "hub.duckdb"), "GOOGLE_CLOUD_PROJECT": "unused"}
    builds.dbt(["run", "--select", "+int_snapshots"], "duckdb", older, environment)
    with duckdb.connect(str(older / "hub.duckdb"), read_only=True) as database:
        rows = database.execute("select distinct overruled from intermediate.int_snapshots")
        assert rows.fetchall() == [(None,)]
