"""However the months came in, the tables are those of all of them built at once.

Each history below is built after every load, as a month is, so that what is incremental is added
to, mended, or left alone. Nothing else outlives a build, so that one history is built whole, and
of the others only what is incremental with all before it.
"""

import gzip
import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import msgspec
import pytest

from simulator import SyntheticHub
from tests.warehouse import builds
from tests.warehouse.builds import Rows
from tests.warehouse.parity import build_differences, without_times_of_loading

MONTHS = ("2026-08-03", "2026-09-03", "2026-10-03")
EARLIER_MONTH = "2026-07-03"
SEED, OTHER_SEED = 7, 8
SEEDS = "select 1 from information_schema.tables where table_name = 'training_cost_fits'"


class History:
    """A database that takes in months and is built after each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "hub.duckdb"
        # One name for all of its contents: a database holds one Hub.
        self.hub = folder.parent / "hub"
        folder.mkdir()
        shutil.copy(builds.ROOT / "profiles.example.yml", folder / "profiles.yml")

    def load(self, month: str, seed: int = SEED) -> None:
        """Load the Hub as it was in a month; of another seed, it is another Hub."""
        write_listing(self.hub, month, seed)
        builds.load_snapshot(["--hub", str(self.hub)], month, "duckdb", self.folder, {})

    def drop(self, month: str) -> None:
        """Be rid of a month."""
        builds.loaders(["snapshots", "--drop", month], "duckdb", self.folder, {})

    def is_seeded(self) -> bool:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return bool(connection.execute(SEEDS).fetchall())

    def build(self, *options: str, as_of: str | None = None) -> dict[str, Rows]:
        """Make every model, or those that the options select; gives their rows but staging's.

        Seeds are made once: no load changes them.
        """
        left_out = ["test", "unit_test", *(["seed"] if self.is_seeded() else [])]
        # What is set alike is parsed once.
        settings = {"min_values": 2, "min_coverage": 0, "as_of": as_of}
        given = ["--vars", json.dumps(settings)] if as_of else builds.SETTINGS
        builds.dbt(
            ["build", "--exclude-resource-type", *left_out, *options, *given],
            "duckdb",
            self.folder,
            {"HUB_DUCKDB_PATH": str(self.database), "GOOGLE_CLOUD_PROJECT": "unused"},
        )
        target = self.folder / "target"
        made = builds.relations(target, built=True)
        with duckdb.connect(str(self.database), read_only=True) as connection:
            tables = {
                relation: builds.rows(connection, relation)
                for relation in made
                if not relation.startswith("staging.")
            }
        return without_times_of_loading(tables)


def write_listing(folder: Path, month: str, seed: int) -> None:
    folder.mkdir(exist_ok=True)
    hub = SyntheticHub(models=600, datasets=300, seed=seed, as_of=date.fromisoformat(month))
    for kind, listing in hub.open().items():
        with gzip.open(folder / f"{kind}.jsonl.gz", "wb", compresslevel=1) as file:
            for position in range(len(listing)):
                if listing.is_listed(position):
                    file.write(msgspec.json.encode(listing.record(position)) + b"\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("history")


@pytest.fixture(scope="module")
def in_order(folder: Path) -> History:
    """All months loaded, each built but the last."""
    history = History(folder / "in-order")
    *earlier, last = MONTHS
    for month in earlier:
        history.load(month)
        history.build(*builds.INCREMENTAL)
    history.load(last)
    return history


@pytest.fixture(scope="module")
def at_once(in_order: History) -> dict[str, Rows]:
    """The same months, with nothing kept from earlier builds."""
    copy = History(in_order.folder.parent / "at-once")
    shutil.copy(in_order.database, copy.database)
    return copy.build("--full-refresh")


@pytest.fixture(scope="module")
def built_in_order(in_order: History) -> dict[str, Rows]:
    """All of them built, with what is kept of earlier builds."""
    return in_order.build()


def assert_same(expected: dict[str, Rows], found: dict[str, Rows]) -> None:
    """Hold what was built against what was built at once."""
    assert "intermediate.int_delisted_models" in found
    different = build_differences({relation: expected[relation] for relation in found}, found)
    assert not different, "\n".join(different)


def test_the_history_has_something_to_lose(at_once):
    for relation in ("int_repository_changes", "int_delisted_models", "int_model_popularity"):
        assert len(at_once[f"intermediate.{relation}"]) > 3, relation
    assert {row["is_listed"] for row in at_once["intermediate.int_models"]} == {True, False}
    assert {str(row["month"]) for row in at_once["trends.model_popularity_by_month"]} == {
        f"{month[:7]}-01" for month in MONTHS
    }


def test_months_in_order_make_the_tables_of_a_full_refresh(built_in_order, at_once):
    assert built_in_order.keys() == at_once.keys()
    assert_same(at_once, built_in_order)


def test_months_in_reverse_and_wrong_ones_in_between_leave_no_trace(folder, at_once):
    """Wrong ones are a month that is dropped later, and one that is loaded again later."""
    first, second, last = MONTHS
    history = History(folder / "in-reverse")
    history.load(last)
    history.build(*builds.INCREMENTAL)
    history.load(second, seed=OTHER_SEED)
    history.load(EARLIER_MONTH)
    wrong = history.build(*builds.INCREMENTAL)
    for relation in ("int_repository_changes", "int_delisted_models", "int_dataset_tag_sets"):
        name = f"intermediate.{relation}"
        assert build_differences(
            {name: of_month(second, at_once[name])}, {name: of_month(second, wrong[name])}
        ), name
    history.drop(EARLIER_MONTH)
    history.load(second)
    history.load(first)
    assert_same(at_once, history.build(*builds.INCREMENTAL))


def of_month(month: str, rows: Rows) -> Rows:
    return [row for row in rows if str(row["snapshot_date"]) == month]


def test_a_look_at_an_earlier_month_leaves_no_trace(in_order, built_in_order, at_once):
    earlier = in_order.build(*builds.INCREMENTAL, "+new_models", as_of=MONTHS[1])
    assert {str(row["snapshot_date"]) for row in earlier["marts.new_models"]} == {MONTHS[1]}
    assert_same(at_once, in_order.build(*builds.INCREMENTAL))
