"""The marts, from a Hub to the last column, against a computation that shares no line with them.

The reference is plain Python, written from the methodology alone. What it and the SQL agree on
to nine digits is not one person's reading of a sentence.
"""

import csv
import gzip
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from simulator import SyntheticHub
from tests.loaders.conftest import dataset, model, write_records
from tests.warehouse import builds
from tests.warehouse.lineage_reference import Lineage, lineage_differences
from tests.warehouse.reference import MART_KEYS, Snapshot, compute_marts, differences

SEEDS = builds.ROOT / "seeds"
HUB_RECORDS = builds.ROOT.parent / "shared" / "hub-records"
RECORDS_DATE = date(2026, 5, 20)
LABELS = Path(__file__).parent / "labels"

needs_records = pytest.mark.skipif(not HUB_RECORDS.is_dir(), reason="needs ../shared/hub-records")


def synthetic_snapshots() -> list[Snapshot]:
    """The records of the sample that ``builds.load`` loads, read from the Hub itself."""
    snapshots = []
    for snapshot_date in map(date.fromisoformat, builds.SNAPSHOT_DATES):
        hub = SyntheticHub(
            models=builds.SAMPLE_MODELS, datasets=builds.SAMPLE_DATASETS, as_of=snapshot_date
        )
        for kind, listing in hub.open().items():
            records = [
                msgspec.json.decode(msgspec.json.encode(listing.record(position)))
                for position in range(len(listing))
                if listing.is_listed(position)
            ]
            snapshots.append(Snapshot(kind, snapshot_date, records))
    return snapshots


def disagreements(expected: dict[str, list[dict]], found: dict[str, list[dict]]) -> dict[str, Any]:
    return {
        mart: messages[:5]
        for mart, rows in expected.items()
        if (messages := differences(rows, found[f"marts.{mart}"], MART_KEYS[mart]))
    }


def test_the_marts_of_two_months_agree_with_the_reference(sample_file: Path, tmp_path: Path):
    # With the limits of the methodology, which other builds of the sample lower. The builds below
    # test the data with them.
    marts = ("--select", "+path:models/marts", "--exclude-resource-type", "test")
    found = build(sample_file, tmp_path, *marts)
    expected = compute_marts(synthetic_snapshots(), SEEDS)
    assert all(expected.values()), "a mart of the reference is empty"
    assert disagreements(expected, found) == {}


def test_the_marts_as_of_the_first_month_agree_with_the_reference(sample_file: Path, tmp_path):
    first = date.fromisoformat(builds.SNAPSHOT_DATES[0])
    as_of = ("--vars", json.dumps({"as_of": str(first)}))
    found = build(sample_file, tmp_path, *as_of, "--select", "+path:models/marts")
    expected = compute_marts(synthetic_snapshots(), SEEDS, as_of=first)
    assert disagreements(expected, found) == {}


@pytest.fixture(scope="module")
def records_build(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[dict]], Path]:
    """The marts of the recorded listing, and the database that has them."""
    folder = tmp_path_factory.mktemp("records")
    builds.load_snapshot(["--hub", str(HUB_RECORDS)], str(RECORDS_DATE), "duckdb", folder, {})
    return build(folder / "hub.duckdb", folder), folder / "built" / "hub.duckdb"


def recorded_snapshots() -> list[Snapshot]:
    snapshots = []
    for kind in ("models", "datasets"):
        with gzip.open(HUB_RECORDS / f"{kind}.jsonl.gz") as lines:
            snapshots.append(Snapshot(kind, RECORDS_DATE, [json.loads(line) for line in lines]))
    return snapshots


@needs_records
def test_the_marts_of_real_records_agree_with_the_reference(records_build):
    assert disagreements(compute_marts(recorded_snapshots(), SEEDS), records_build[0]) == {}


@needs_records
def test_lineage_of_real_records_is_as_counted_from_model_to_model(records_build):
    assert lineage_differences(Lineage(recorded_snapshots()), records_build[1]) == {}


def labelled(database: Path, column: str, labels: str = "") -> list[tuple[str, str]]:
    """The build's word on the labelled models, beside that of a reader of each."""
    with (LABELS / f"{labels or column}.csv").open(encoding="utf-8", newline="") as file:
        truth = {row["model_id"]: row[column] for row in csv.DictReader(file)}
    column = "parameter_use" if column == "use" else column
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            f"select model_id, lower(cast({column} as varchar)) from intermediate.int_models"
        ).fetchall()
    said = dict(found)
    assert len(truth) > 50
    assert truth.keys() <= said.keys(), "a labelled model is not in the records"
    return [(said[model_id], label) for model_id, label in truth.items()]


def precision(pairs: list[tuple[str, str]], value: str) -> float:
    return [label for said, label in pairs if said == value].count(value) / sum(
        said == value for said, _ in pairs
    )


def recall(pairs: list[tuple[str, str]], value: str) -> float:
    return [said for said, label in pairs if label == value].count(value) / sum(
        label == value for _, label in pairs
    )


@needs_records
def test_mixtures_of_experts_are_those_that_a_reader_finds(records_build):
    """The minima leave room for one more mistake than was found."""
    pairs = labelled(records_build[1], "is_moe")
    assert precision(pairs, "true") >= 0.9
    assert recall(pairs, "true") >= 0.95
    # All of the records that have 100 billion parameters and more: most of what costs anything.
    large = labelled(records_build[1], "is_moe", "is_moe_of_large")
    assert recall(large, "true") >= 0.95
    assert precision(large, "true") >= 0.95


@needs_records
def test_relations_and_uses_are_those_that_a_reader_finds(records_build):
    relations = labelled(records_build[1], "relation")
    assert precision(relations, "merge") >= 0.97
    assert precision(relations, "finetune") >= 0.82
    assert recall(relations, "merge") >= 0.8
    assert recall(relations, "none") == 1
    # What most of those without a relation are: the docs say so beside the headline.
    derived = [label for said, label in relations if said == "none" and label != "none"]
    assert 24 <= len(derived) <= 26
    assert precision(labelled(records_build[1], "use"), "counted") == 1


def test_a_month_without_a_model_is_no_failure(tmp_path: Path):
    """A small Hub has such months: its build must pass every data test, and agree as well."""
    created = ["2023-01-05", "2023-03-09", "2023-03-10", "2022-03-02"]
    models = [model(n, createdAt=f"{day}T00:00:00Z") for n, day in enumerate(created, 1)]
    datasets = [dataset(1)]
    folder = write_records(tmp_path / "hub", models=models, datasets=datasets)
    builds.load_snapshot(["--hub", str(folder)], str(RECORDS_DATE), "duckdb", tmp_path, {})
    found = build(tmp_path / "hub.duckdb", tmp_path)
    snapshots = [
        Snapshot("models", RECORDS_DATE, models),
        Snapshot("datasets", RECORDS_DATE, datasets),
    ]
    assert disagreements(compute_marts(snapshots, SEEDS), found) == {}


def build(database: Path, folder: Path, *arguments: str) -> dict[str, list[dict]]:
    """The marts that dbt builds from a copy of a loaded database, by ``marts.name``."""
    copy = folder / "built" / "hub.duckdb"  # called as others are: dbt parses once for them all
    copy.parent.mkdir()
    shutil.copy(database, copy)
    (folder / "profiles.yml").write_text((builds.ROOT / "profiles.example.yml").read_text())
    builds.dbt(
        ["build", "--exclude-resource-type", "unit_test", *arguments],
        "duckdb",
        folder,
        {"HUB_DUCKDB_PATH": str(copy), "GOOGLE_CLOUD_PROJECT": "unused"},
    )
    with duckdb.connect(str(copy), read_only=True) as connection:
        return {f"marts.{mart}": builds.rows(connection, f"marts.{mart}") for mart in MART_KEYS}
