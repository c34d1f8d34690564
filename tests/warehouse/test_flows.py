"""Monthly downloads of a history with every accident that archives and the Hub have had.

The tables are held against a recomputation in plain Python, once they were built in two steps: some
snapshots first, the others, among them older ones and one that was loaded again, afterwards.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from tests.warehouse import builds
from tests.warehouse.flows_reference import Listed, Row, Snapshot, downloads_by_month
from tests.warehouse.usage_reference import Facts, Usage, said_of

# Weeks and months, a boundary of a month itself, and a gap in which a month has no snapshots.
DAYS = [
    *(date(2025, 1, 3), date(2025, 2, 2), date(2025, 2, 26), date(2025, 3, 5), date(2025, 3, 26)),
    *(
        date(2025, 4, 2),
        date(2025, 4, 9),
        date(2025, 4, 16),
        date(2025, 5, 1),
        date(2025, 6, 1),
        date(2025, 6, 8),
    ),
    *(date(2025, 7, 3), date(2025, 7, 5), date(2025, 8, 2), date(2025, 10, 20), date(2025, 11, 2)),
    *(date(2025, 12, 4), date(2026, 1, 1), date(2026, 1, 3), date(2026, 2, 1), date(2026, 2, 20)),
    date(2026, 3, 2),
]
FIRST_ALL_TIME = date(2025, 2, 26)
FROZEN_BY_LOADER, FROZEN_CRAWL = date(2025, 6, 1), date(2025, 7, 3)
WITHOUT_ALL_TIME, WITHOUT_KEYS = date(2026, 2, 1), date(2025, 11, 2)
LOADED_AGAIN, LEFT_OUT_AT_FIRST = date(2025, 12, 4), DAYS[3::3]
KINDS = {"models": 160, "datasets": 70}
# The last is of no publisher; only a synthetic Hub has the second and the third.
PUBLISHERS = ("someone/", "synthetic-org-0000/", "synthetic-org-0001/", "BAAI/", "someone/", "")
TABLES = ("downloads_by_month", "download_concentration", "downloads_by_region", "usage_by_month")
# What tells the rows of a month and kind apart.
USAGE = {
    "download_concentration": ["unit"],
    "downloads_by_region": ["region"],
    "usage_by_month": ["dimension", "value"],
}


class Repository:
    """A repository of a made-up Hub, and the accidents that happen to it."""

    def __init__(self, random: Random, key: str, name: str, created: datetime) -> None:
        self.key, self.name, self.created = key, name, created
        self.gone = date.max
        if random.random() < 0.3:
            self.gone = created.date() + timedelta(days=random.randint(20, 1500))
        self.renamed = date.max if random.random() < 0.85 else random.choice(DAYS)
        self.rate = random.choice([0, 0, 0.3, 3, 40, 900])
        self.reset = date.max if random.random() < 0.9 else random.choice(DAYS)
        self.has_creation = random.random() < 0.95

    def listed(self, random: Random, day: date) -> Listed | None:
        """Its row of a snapshot; every draw is made whether or not it is needed."""
        luck = [random.random() for _ in range(6)]
        if not self.created.date() <= day < self.gone or luck[0] < 0.05:
            return None
        age = max(0, (datetime.combine(day, time(12)) - self.created).days)
        counted = int(self.rate * age * (0.4 if day >= self.reset else 1))
        if luck[1] < 0.06:
            counted //= 3
        return Listed(
            self.key,
            f"{self.name}-renamed" if day >= self.renamed else self.name,
            self.created if self.has_creation else None,
            None if luck[2] < 0.02 else int(self.rate * min(age, 30) * (0.5 + luck[3])),
            None if day < FIRST_ALL_TIME or day == WITHOUT_ALL_TIME or luck[4] < 0.02 else counted,
        )


def hub(random: Random, kind: str, number: int) -> list[Repository]:
    """Repositories from long before the first snapshot to the last; some names come again."""
    repositories = []
    for n in range(number):
        day = random.choice([date(2022, 3, 2), *DAYS]) - timedelta(days=random.randint(0, 40))
        created = datetime.combine(day, time(random.randint(0, 23), 17, 5))
        one = Repository(random, f"{kind}-{n:04}", f"{PUBLISHERS[n % 6]}{kind}-{n}", created)
        repositories.append(one)
        if one.gone < DAYS[-1]:
            again = datetime.combine(one.gone, time(3)) + timedelta(days=random.randint(0, 90))
            repositories.append(Repository(random, f"{one.key}-again", one.name, again))
    return repositories


def history(seed: int) -> dict[str, list[Snapshot]]:
    """All snapshots of both kinds."""
    random, found = Random(seed), {}
    for kind, number in KINDS.items():
        repositories, snapshots = hub(random, kind, number), []
        for day in DAYS:
            rows = [row for one in repositories if (row := one.listed(random, day))]
            if day in (FROZEN_BY_LOADER, FROZEN_CRAWL):
                before = {row.key: row for row in snapshots[-1].rows}
                rows = [before.get(row.key, row) for row in rows]
            if day == WITHOUT_KEYS:
                rows = [replace(row, key=None) for row in rows]
            # Of the archive's files before the summer the loader has said it; crawls follow.
            verdict = (
                day == FROZEN_BY_LOADER if date(2025, 1, 3) < day < date(2025, 6, 30) else None
            )
            snapshots.append(Snapshot(day, rows, verdict))
        found[kind] = snapshots
    return found


class Database:
    """The sample's database, with another history in its raw tables."""

    def __init__(self, folder: Path, sample: Path) -> None:
        self.folder, self.path = folder, folder / "hub.duckdb"
        shutil.copy(sample, self.path)
        shutil.copy(builds.ROOT / "profiles.example.yml", folder / "profiles.yml")
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("create table model as from hub_raw.snapshots limit 1")
            for name in ("models", "datasets", "snapshots", "rejects"):
                connection.execute(f"delete from hub_raw.{name}")

    def load(self, kind: str, snapshot: Snapshot, loaded_at: datetime) -> None:
        """Put a snapshot in the place of the one of its day, as the loader does."""
        rows = [
            (
                *(snapshot.day, row.key or "", row.name, row.created_at),
                *(row.downloads, row.downloads_all_time),
                *([] if kind == "datasets" else _said(row.name)),
            )
            for row in snapshot.rows
        ]
        columns = "snapshot_date, _id, id, created_at, downloads, downloads_all_time"
        if kind == "models":
            columns += ", safetensors_total, pipeline_tag, library_name, tags"
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            for table in (kind, f"snapshots where kind = '{kind}' and true"):
                clause = "and" if "where" in table else "where"
                connection.execute(
                    f"delete from hub_raw.{table} {clause} snapshot_date = ?", [snapshot.day]
                )
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"insert into hub_raw.{kind} ({columns}) values ({marks})", rows)
            connection.execute(
                "insert into hub_raw.snapshots select * replace (? as kind, ? as snapshot_date,"
                " ? as loaded_at, ? as is_frozen, ? as records, 0 as rejects) from model",
                [kind, snapshot.day, loaded_at, snapshot.is_frozen, len(rows)],
            )

    def build(self, *options: str) -> dict[str, dict[date, Row]]:
        """The table's rows, by kind and month."""
        builds.dbt(
            ["build", *options, "--select", *(f"+{table}" for table in TABLES)],
            "duckdb",
            self.folder,
            {"HUB_DUCKDB_PATH": str(self.path), "GOOGLE_CLOUD_PROJECT": "unused"},
        )
        with duckdb.connect(str(self.path), read_only=True) as connection:
            rows = builds.rows(connection, "ecosystem.downloads_by_month")
        found: dict[str, dict[date, Row]] = {"model": {}, "dataset": {}}
        for row in rows:
            assert row["month"] not in found[row["kind"]]
            found[row["kind"]][row["month"]] = row
        return found

    def facts(self) -> Facts:
        """Effective parameters of each model where they are known, and families of each."""
        families: dict[str, dict[str, float]] = {}
        with duckdb.connect(str(self.path), read_only=True) as connection:
            for row in builds.rows(connection, "intermediate.int_model_families"):
                families.setdefault(row["model_key"], {})[row["root_key"]] = row["fraction"]
            sizes = connection.execute(
                "select model_key, effective_parameters from intermediate.int_models"
                " where effective_parameters is not null"
            ).fetchall()
        return Facts(dict(sizes), families)

    def usage(self, table: str, kind: str) -> dict[tuple[object, ...], Row]:
        """A table's rows of one kind, by month and what tells them apart."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            rows = builds.rows(connection, f"ecosystem.{table}")
        return {
            tuple(row[name] for name in ["month", *USAGE[table]]): row
            for row in rows
            if row.get("kind", "model") == kind.removesuffix("s")
        }


def _said(name: str) -> list[object]:
    """A model's size and what its owner says, in the order of the raw columns."""
    said = said_of(name)
    tags = json.dumps(said.tags, separators=(",", ":"))
    return [_size(name), said.pipeline_tag, said.library_name, tags]


def _size(name: str) -> int | None:
    """A model's parameters, by its name; every fifth says none."""
    number = sum(map(ord, name))
    return None if number % 5 == 0 else 10_000_000 * (1 + number % 37)


def differences(
    found: Mapping[date, Row], snapshots: Sequence[Snapshot], sizes: Mapping[str, int] | None
) -> list[str]:
    fresh = [Snapshot(s.day, s.rows, s.is_frozen) for s in snapshots]
    return different(downloads_by_month(fresh, sizes), found)


def different(expected: Mapping[Any, Row], found: Mapping[Any, Row]) -> list[str]:
    told = [f"{place}: in one alone" for place in expected.keys() ^ found.keys()]
    for place in expected.keys() & found.keys():
        for column, value in expected[place].items():
            have = found[place][column]
            if value is None or not isinstance(value, float) or have is None:
                is_same = have == value
            else:
                is_same = have == pytest.approx(value, rel=1e-9, abs=1e-4 if value > 1 else 1e-9)
            if not is_same:
                told.append(f"{place} {column}: {value}, not {have}")
    return told


class Told:
    """The snapshots that a database has been told, to hold its table against."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.known: dict[str, dict[date, Snapshot]] = {kind: {} for kind in KINDS}

    def load(self, kind: str, snapshot: Snapshot, minute: int) -> None:
        self.known[kind][snapshot.day] = snapshot
        self.database.load(kind, snapshot, datetime(2026, 3, 5, 12, minute))

    def differences(self, *options: str) -> list[str]:
        tables, sizes = self.database.build(*options), self.database.facts().sizes
        return [
            f"{kind} {line}"
            for kind in KINDS
            for line in differences(
                tables[kind.removesuffix("s")],
                list(self.known[kind].values()),
                sizes if kind == "models" else None,
            )
        ]

    def differences_of_usage(self) -> list[str]:
        facts, told = self.database.facts(), []
        for kind in KINDS:
            usage = Usage(kind, list(self.known[kind].values()), facts)
            for table in list(USAGE)[: 3 if kind == "models" else 2]:
                expected, found = getattr(usage, table)(), self.database.usage(table, kind)
                assert expected, table
                told += [f"{table} {line}" for line in different(expected, found)]
        return told


@pytest.mark.parametrize("seed", [1])
def test_downloads_of_a_troubled_history_are_those_of_a_recomputation(sample_file, tmp_path, seed):
    told, troubled = Told(Database(tmp_path, sample_file)), history(seed)
    for kind in KINDS:
        for snapshot in troubled[kind]:
            if snapshot.day == LOADED_AGAIN:
                wrong = [replace(r, downloads_all_time=7, downloads=3) for r in snapshot.rows[::2]]
                told.load(kind, Snapshot(snapshot.day, wrong, snapshot.is_frozen), 0)
            elif snapshot.day not in LEFT_OUT_AT_FIRST:
                told.load(kind, snapshot, 0)
    assert told.differences("--exclude-resource-type", "unit_test", "test") == []
    for kind in KINDS:
        for snapshot in troubled[kind]:
            if snapshot.day in {LOADED_AGAIN, *LEFT_OUT_AT_FIRST}:
                told.load(kind, snapshot, 1)
    assert told.differences("--exclude-resource-type", "unit_test") == []
    assert told.differences_of_usage() == []
    assert_troubled(told.database)


def assert_troubled(database: Database) -> None:
    """Every accident is in the history: without one, the comparison would prove less."""
    accidents = {
        "dips": "select 1 from intermediate.int_counter_dips",
        "returning names": "select 1 from intermediate.int_repository_keys",
        "rows without a key": "select 1 from intermediate.int_keyless_repositories",
        "a frozen crawl": f"""select 1 from intermediate.int_flow_snapshots
            where is_frozen and snapshot_date = '{FROZEN_CRAWL}'""",
        "unknown": "select 1 from ecosystem.downloads_by_month where unknown_repositories > 0",
        "set back": "select 1 from ecosystem.downloads_by_month where clipped_downloads > 0",
        "downloaded and gone": """select 1 from ecosystem.download_concentration as c
            inner join ecosystem.downloads_by_month as d using (month, kind)
            where c.unit = 'repository' and c.units > d.listed""",
        "several families": "select 1 from intermediate.int_model_families where fraction < 1",
        "normal": "select 1 from ecosystem.downloads_by_month where observation_status = 'A'",
        "interpolated": """select 1 from ecosystem.downloads_by_month
            where observation_status = 'E' and is_exact""",
        "estimated": "select 1 from ecosystem.downloads_by_month where not is_exact",
        "missing": "select 1 from ecosystem.downloads_by_month where observation_status = 'O'",
    }
    with duckdb.connect(str(database.path), read_only=True) as connection:
        lacking = [name for name, sql in accidents.items() if not connection.sql(sql).fetchall()]
    assert lacking == []
