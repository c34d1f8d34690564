"""Lineage against a computation that goes from model to model.

On a small history with every way to name a parent that is none, or another one, and on the sample.
Real records are with the tests of the marts.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.warehouse import builds
from tests.warehouse.builds import Build
from tests.warehouse.lineage_reference import Lineage, lineage_differences
from tests.warehouse.raw_tables import put_raw_tables
from tests.warehouse.reference import Snapshot
from tests.warehouse.test_marts_against_reference import synthetic_snapshots

DAYS = [date(2026, 1, 5), date(2026, 2, 5), date(2026, 3, 5), date(2026, 4, 5)]
PUBLISHERS = ("Qwen", "mistralai", "someone", "nobody", None)
LICENCES = (None, "mit", "llama3", "gpl-3.0", "cc-by-nc-4.0", "my-own", "unknown")
RELATIONS = ("", "finetune:", "adapter:", "quantized:", "merge:", "distill:")
FARTHEST = 512


class Hub:
    """A Hub whose models name parents of all sorts, come, go, and take over names."""

    def __init__(self) -> None:
        self._random = Random(16)
        self._made = 0
        self._names = [self._name(number) for number in range(260)]
        self._listed = [self._record(name) for name in self._names]
        self._listed += self._chain()
        self._listed += self._ladder()
        many = [f"base_model:{name}" for name in self._names[:300]]
        many += [f"base_model:merge:un/seen-{number}" for number in range(9_700)]
        self._listed.append(self._record("monstrous/parents", tags=many))

    def snapshots(self) -> Iterator[Snapshot]:
        """Four listings, and what happens between them."""
        for number, day in enumerate(DAYS):
            made = [self._at(self._record(self._name(1000 * number + n)), day) for n in range(15)]
            self._listed += made if number else []
            records = [record for record in self._listed if (record["createdAt"] or "") < str(day)]
            yield Snapshot("models", day, records)
            for record in self._random.sample(self._listed[:240], 12):
                self._change(record, number, day)

    def _change(self, record: dict[str, Any], number: int, day: date) -> None:
        """A model goes or has another name from now on, and its name may have another model."""
        self._listed.remove(record)
        if self._random.random() < 0.6:
            new_name = f"{record['id']}-{number}"
            tags = record["tags"]
            if self._random.random() < 0.3:
                tags = [*tags, f"base_model:{record['id']}"]
            self._listed.append(record | {"id": new_name, "tags": tags})
        if self._random.random() < 0.5:
            self._listed.append(self._at(self._record(record["id"]), day))

    @staticmethod
    def _at(record: dict[str, Any], day: date) -> dict[str, Any]:
        return record | {"createdAt": f"{day}T11:00:00+00:00"}

    def _name(self, number: int) -> str:
        publisher = self._random.choice(PUBLISHERS)
        return f"{publisher}/m-{number}" if publisher else f"m-{number}"

    def _record(self, name: str, tags: list[str] | None = None) -> dict[str, Any]:
        self._made += 1
        created = datetime(2021, 6, 1) + timedelta(days=self._random.randrange(1600))
        return {
            "_id": f"{self._random.getrandbits(96):024x}",
            "id": name,
            "createdAt": (self._random.random() > 0.04 and f"{created.isoformat()}+00:00") or None,
            "downloads": self._random.choice((None, 0, 7, 1_000, 123_456_789)),
            "tags": self._tags(name) if tags is None else tags,
        }

    def _tags(self, name: str) -> list[str]:
        draw, tags = self._random.choice, []
        for _ in range(draw((0, 0, 0, 1, 1, 1, 2, 3))):
            parent = draw((draw(self._names), draw(self._names[:20]), name, "un/seen", 'a b,\\"'))
            tags.append(f"base_model:{draw(RELATIONS)}{parent}")
            if self._random.random() < 0.5:
                tags.append(f"base_model:{parent}")
        tags += [f"license:{licence}" for licence in {draw(LICENCES), draw(LICENCES)} if licence]
        return tags

    def _chain(self) -> Iterator[dict[str, Any]]:
        """A chain as deep as lineage is followed."""
        for number in range(FARTHEST + 1):
            tags = [f"base_model:finetune:deep/{number - 1}"] if number else []
            created = datetime.combine(date(2024, 1, 1), time()) + timedelta(hours=number)
            yield self._record(f"deep/{number}", tags=tags) | {
                "createdAt": f"{created.isoformat()}+00:00",
                "downloads": number,
            }

    def _ladder(self) -> Iterator[dict[str, Any]]:
        """Forty steps, each of two merges of the step before: a thousand billion ways down."""
        for step in range(40):
            tags = [f"base_model:merge:ladder/{step - 1}-{side}" for side in "ab"] if step else []
            for side in "ab":
                created = datetime(2023, 1, 1) + timedelta(days=step)
                yield self._record(f"ladder/{step}-{side}", tags=tags) | {
                    "createdAt": f"{created.isoformat()}+00:00",
                    "downloads": 10,
                }


@pytest.fixture(scope="module")
def lineage_and_build(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lineage, Path]:
    """The computation on the small history, and the database that was built of it."""
    folder, snapshots = tmp_path_factory.mktemp("lineage"), list(Hub().snapshots())
    put_raw_tables(folder / "hub.duckdb", snapshots)
    shutil.copy(builds.ROOT / "profiles.example.yml", folder / "profiles.yml")
    builds.dbt(
        [
            *("build", "--exclude-resource-type", "unit_test"),
            *("--select", "+base_models", "+licence_transitions", "+int_model_families"),
        ],
        "duckdb",
        folder,
        {"HUB_DUCKDB_PATH": str(folder / "hub.duckdb"), "GOOGLE_CLOUD_PROJECT": "unused"},
    )
    return Lineage(snapshots), folder / "hub.duckdb"


def test_the_history_has_what_could_go_wrong(lineage_and_build):
    lineage, _ = lineage_and_build
    found = Counter(outcome for outcome, _ in lineage.outcomes.values())
    assert all(
        found[outcome] > 5 for outcome in ("edge", "own_name", "unresolved", "out_of_order")
    ), found
    reach = lineage.reach()
    assert max(row["depth"] for row in reach) == FARTHEST
    models = {row["model_key"]: row for row in reach}
    assert any(not row["downloads"] and row["reach_downloads"] for row in models.values())
    assert sum(row["fraction"] not in (0.5, 1) for row in lineage.families()) > 20


def test_lineage_is_as_counted_from_model_to_model(lineage_and_build):
    assert lineage_differences(*lineage_and_build) == {}


def test_lineage_of_the_sample_is_as_counted(duckdb_build: Build):
    # It is built with other limits, and its publishers are made up.
    left_out = ("observation_status", "region")
    counted = Lineage(synthetic_snapshots())
    assert lineage_differences(counted, duckdb_build.database, left_out) == {}
