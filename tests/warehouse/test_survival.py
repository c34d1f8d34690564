"""Survival of models over a small history, against a computation that counts them one by one.

In the history models come and go, return, change their names, and names come back under another
key; a listing is a part, and the newest one is, too.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import duckdb
import pytest

from tests.warehouse import builds
from tests.warehouse.builds import Rows
from tests.warehouse.parity import differences
from tests.warehouse.raw_tables import put_raw_tables
from tests.warehouse.reference import Snapshot, survival
from tests.warehouse.survival_reference import (
    cohort_survival,
    survival_by_age,
    survival_of_month,
)

TABLES = ("marts.new_models", "ecosystem.cohort_survival", "ecosystem.survival_by_age")
FIRST = date(2025, 1, 2)
PARTS = (4, 9)  # of the ten snapshots, in order
PUBLISHERS = 15


class Hub:
    """A Hub whose models come, go, return and change their names."""

    def __init__(self) -> None:
        self._random = Random(11)
        self._listed: dict[str, dict[str, Any]] = {}
        self._gone: list[dict[str, Any]] = []
        self._made = 0
        # Before the others: a month of a single publisher, and one whose models go all at once.
        for created, publishers in ((date(2023, 1, 5), "xxx"), (date(2023, 3, 5), "yz")):
            for publisher in publishers:
                self._make(created, name=f"{publisher}/early-{self._made}")
        self._made_until = FIRST - timedelta(500)

    def snapshots(self) -> Iterator[Snapshot]:
        """Ten listings, about two months apart; two of them are parts."""
        for number in range(10):
            day = FIRST + timedelta(61 * number + self._random.randrange(5))
            self._lose(is_late=number >= 6)
            self._return(day)
            self._rename(day, number)
            while self._made_until < day:
                self._make(self._made_until)
                self._made_until += timedelta(self._random.choice((0, 1, 2, 3)))
            records = list(self._listed.values())
            if number in PARTS:
                records = self._random.sample(records, len(records) // 3)
            yield Snapshot("models", day, records, number not in PARTS)

    def _make(self, created: date, name: str | None = None) -> None:
        self._made += 1
        publisher = f"org-{min(self._random.randrange(PUBLISHERS) for _ in range(2))}"
        own_name = f"{publisher}/model-{self._made}"
        record = {
            "_id": f"{self._made:024x}",
            # Some names have no publisher, and some models no date.
            "id": name or (own_name if self._made % 20 else f"model-{self._made}"),
            "createdAt": at_noon(created) if name or self._made % 30 else None,
        }
        self._listed[record["_id"]] = record

    def _lose(self, is_late: bool) -> None:
        for key in self._random.sample(sorted(self._listed), len(self._listed) // 12):
            self._gone.append(self._listed.pop(key))
        if is_late:
            for key in [k for k, r in self._listed.items() if r["id"][:2] in ("y/", "z/")]:
                del self._listed[key]

    def _return(self, day: date) -> None:
        for record in self._random.sample(self._gone, len(self._gone) // 6):
            self._gone.remove(record)
            if any(other["id"] == record["id"] for other in self._listed.values()):
                continue
            if self._random.random() < 0.5:
                self._listed[record["_id"]] = record
            else:  # under another key, created when it came back
                self._make(day - timedelta(self._random.randrange(1, 20)), name=record["id"])

    def _rename(self, day: date, number: int) -> None:
        for record in self._random.sample(list(self._listed.values()), len(self._listed) // 15):
            self._listed[record["_id"]] = record | {"id": f"{record['id']}-{number}"}
            if self._random.random() < 0.3:  # and somebody else takes the old one
                self._make(day - timedelta(1), name=record["id"])


def at_noon(day: date) -> str:
    return f"{day}T12:00:00+00:00"


@pytest.fixture(scope="module")
def snapshots() -> list[Snapshot]:
    return list(Hub().snapshots())


@pytest.fixture(scope="module")
def built(snapshots: list[Snapshot], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    folder = tmp_path_factory.mktemp("survival")
    put_raw_tables(folder / "hub.duckdb", snapshots)
    shutil.copy(builds.ROOT / "profiles.example.yml", folder / "profiles.yml")
    selected = [f"+{table.partition('.')[2]}" for table in TABLES]
    builds.dbt(
        ["build", "--exclude-resource-type", "unit_test", "--select", *selected],
        "duckdb",
        folder,
        {"HUB_DUCKDB_PATH": str(folder / "hub.duckdb"), "GOOGLE_CLOUD_PROJECT": "unused"},
    )
    with duckdb.connect(str(folder / "hub.duckdb"), read_only=True) as connection:
        return {
            name: builds.rows(
                connection, f"(select * exclude (snapshot_date, method_version) from {name})"
            )
            for name in TABLES
        }


def test_the_history_has_what_could_go_wrong(snapshots):
    """Each of these is a way to count a loss that is none, or to miss one."""
    lives, whole = survival(snapshots)
    days = [snapshot.snapshot_date for snapshot in snapshots]
    found = Counter()
    for life in lives:
        seen = [
            day in life.seen_on for day in days if min(life.seen_on) <= day <= max(life.seen_on)
        ]
        found["vanished and returned"] += not all(seen)
        found["seen last in a part"] += max(life.seen_on) not in whole
        found["listed before its own creation"] += min(life.seen_on) < life.created_on
        found["lost"] += max(life.seen_on) < whole[-1]
    assert all(found[case] > 3 for case in found), found
    names = [{record["_id"]: record["id"] for record in s.records} for s in snapshots]
    renamed = [
        key for old, new in pairwise(names) for key in old if new.get(key, old[key]) != old[key]
    ]
    assert len(renamed) > 3
    assert not snapshots[-1].is_complete


def test_cohorts_survive_as_counted_one_by_one(built, snapshots):
    expected = cohort_survival(*survival(snapshots))
    assert any(row["survival_ci_low"] is None for row in expected)
    assert any(row["survival"] == 0 for row in expected)
    assert sum(row["lost"] and row["survival_ci_low"] is not None for row in expected) > 30
    assert differences(expected, built["ecosystem.cohort_survival"]) == []


def test_hazards_by_age_are_as_counted_one_by_one(built, snapshots):
    expected = survival_by_age(*survival(snapshots))
    assert sum(row["lost"] for row in expected) > 30
    assert differences(expected, built["ecosystem.survival_by_age"]) == []


def test_births_are_estimated_for_the_months_before_the_first_listing(built, snapshots):
    new = {row["month"]: row for row in built["marts.new_models"] if row["population"] == "all"}
    before = [row for month, row in new.items() if month < FIRST.replace(day=1)]
    assert all(row["estimated_births"] >= row["new_models"] for row in before)
    assert len(before) > 12
    lives, whole = survival(snapshots)
    ages = survival_by_age(lives, whole)
    for month, row in new.items():
        survived = survival_of_month(month, ages, whole)
        births = survived and pytest.approx(row["new_models"] / survived, rel=1e-9)
        assert row["estimated_births"] == births, month
