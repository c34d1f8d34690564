"""Flows and survival of the sample's past, held against what truly happened to it.

The archive shows a month's first day as it was, but for the flaws that it is made with. So where
the counters of both ends of a month are exact, its downloads are exact, too: all but those of
repositories that were removed in the month, after their last listing, which nobody can know.
"""

import shutil
from datetime import UTC, date, datetime, time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simulator import SyntheticHub
from simulator.synthetic import past
from tests.warehouse import builds
from tests.warehouse.builds import Rows

HUB = SyntheticHub(models=1500, datasets=400)
KINDS = ("models", "datasets")
CENSORED = date(2022, 3, 1)  # its first models are in no month
# Where a counter of a month's first day is interpolated, lower than it was, or missing.
FLAWED = {past.BACKWARDS, past.FROZEN, date(2025, 12, 1), *past.LATE}


def at(day: date, of: time = time()) -> datetime:
    return datetime.combine(day, of, UTC)


def months_after(month: date, number: int = 1) -> date:
    years, months = divmod(month.year * 12 + month.month - 1 + number, 12)
    return date(years, months + 1, 1)


def load(database: Path) -> None:
    """Put the archive in the place of the sample's own snapshots, a file for each day."""
    tree = HUB.past().repository().revision("main").tree
    with duckdb.connect(str(database)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create table model as from hub_raw.snapshots limit 1")
        for name in (*KINDS, "snapshots", "rejects"):
            connection.execute(f"delete from hub_raw.{name}")
        for kind in KINDS:
            for one in past.observations():
                entry = tree.get(f"{kind}/{one.week}/{kind}.parquet")
                if entry is None:
                    continue
                content = entry.file.content.read(0, entry.file.size)
                file = pq.read_table(pa.BufferReader(content))
                all_time = "downloadsAllTime" if "downloadsAllTime" in file.schema.names else "null"
                connection.register("file", file)
                connection.execute(
                    f"insert into hub_raw.{kind} (snapshot_date, _id, id, author, created_at,"
                    " downloads, downloads_all_time, tags)"
                    f' select ?, _id, id, author, "createdAt", downloads, {all_time}, to_json(tags)'
                    " from file",
                    [one.day],
                )
                connection.execute(
                    "insert into hub_raw.snapshots select * replace (? as kind, ? as snapshot_date,"
                    " ? as is_frozen, ? as records, 0 as rejects) from model",
                    [kind, one.day, one.day == past.FROZEN, file.num_rows],
                )


@pytest.fixture(scope="module")
def tables(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """The tables of the past's last day."""
    folder = tmp_path_factory.mktemp("true-past")
    shutil.copy(sample_file, folder / "hub.duckdb")
    shutil.copy(builds.ROOT / "profiles.example.yml", folder / "profiles.yml")
    load(folder / "hub.duckdb")
    select = ("--select", "+downloads_by_month", "+cohort_survival", "+new_models")
    builds.dbt(
        ["build", "--exclude-resource-type", "test", "unit_test", *select],
        "duckdb",
        folder,
        {"HUB_DUCKDB_PATH": str(folder / "hub.duckdb"), "GOOGLE_CLOUD_PROJECT": "unused"},
    )
    names = ("ecosystem.downloads_by_month", "ecosystem.cohort_survival", "marts.new_models")
    with duckdb.connect(str(folder / "hub.duckdb"), read_only=True) as connection:
        return {name: builds.rows(connection, name) for name in names}


@pytest.fixture(scope="module")
def downloads(tables) -> dict[tuple[str, date], float]:
    """The downloads of each month that are exact, by kind."""
    found = {
        (f"{row['kind']}s", row["month"]): row["downloads"]
        for row in tables["ecosystem.downloads_by_month"]
        if row["is_exact"] and not {row["month"], months_after(row["month"])} & FLAWED
    }
    assert len(found) > 20
    return found


def true_downloads(kind: str, month: date, listed_at: date) -> int:
    """The downloads of a month of all that are there on a day."""
    truth = HUB.past().truth
    start, end = (truth.counters(kind, at(day)) for day in (month, months_after(month)))
    there = truth.listed(kind, at(listed_at, time(12)))
    return sum(end[one] - start.get(one, 0) for one in there & end.keys())


def test_exact_downloads_of_a_month_are_the_true_ones_of_all_that_its_end_lists(downloads):
    true = {
        (kind, month): true_downloads(kind, month, months_after(month)) for kind, month in downloads
    }
    assert downloads == pytest.approx(true, rel=1e-9, abs=0.5)


def test_all_that_exact_downloads_lack_is_what_was_removed_after_its_last_listing(downloads):
    truth = HUB.past().truth
    for (kind, month), counted in downloads.items():
        start, end = (truth.counters(kind, at(day)) for day in (month, months_after(month)))
        true = sum(end.values()) - sum(start.values())
        there = truth.listed(kind, at(months_after(month), time(12)))
        removed = sum(end[one] - start.get(one, 0) for one in end.keys() - there)
        assert counted == pytest.approx(true - removed, rel=1e-9, abs=0.5)
        assert removed >= 0


def test_survival_is_the_true_one_within_its_interval(tables):
    truth = HUB.past().truth
    made = {one.hub_id: one.created for one in truth.lives["models"].each}
    cohorts: dict[date, set[str]] = {}
    checked = 0
    for row in tables["ecosystem.cohort_survival"]:
        month, day = row["month"], row["observed_on"]
        first = next(one.day for one in past.observations() if one.day >= months_after(month))
        if first == day or row["survival"] is None:
            continue
        cohort = cohorts.setdefault(
            month,
            {
                one
                for one in truth.listed("models", at(first, time(12)))
                if at(month) <= datetime.fromtimestamp(made[one], UTC) < at(months_after(month))
            },
        )
        true = len(cohort & truth.listed("models", at(day, time(12)))) / len(cohort)
        assert row["survival"] == pytest.approx(true, abs=1e-9), (month, day)
        if row["survival_ci_low"] is not None:
            assert row["survival_ci_low"] - 1e-9 <= true <= row["survival_ci_high"] + 1e-9
            checked += 1
    assert checked > 50


def test_new_models_are_the_truly_listed_and_the_removed(tables):
    truth = HUB.past().truth
    there = truth.listed("models", at(past.LAST_DAY, time(12)))
    new = [row for row in tables["marts.new_models"] if row["population"] == "all"]
    rows = [row for row in new if row["month"] > CENSORED]
    assert sum(row["removed_models"] for row in rows) > 0
    for row in rows:
        assert row["new_models"] == row["listed_models"] + row["removed_models"]
    created = [
        datetime.fromtimestamp(one.created, UTC).date().replace(day=1)
        for one in truth.lives["models"].each
        if one.hub_id in there
    ]
    counted = {row["month"]: row["listed_models"] for row in rows}
    assert counted == {month: created.count(month) for month in counted}
