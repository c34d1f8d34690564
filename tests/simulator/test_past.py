"""The past of the sample: an archive that says what was true then, with the flaws that it names."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import HfApi, HfFileSystem

from simulator import SAMPLE_DATE, DatasetRepository, SyntheticHub, serve
from simulator.synthetic import past
from simulator.synthetic.calendar import DAY, SAMPLE_END, end_of
from simulator.synthetic.lives import Truth
from tests.simulator.client import KINDS, listed

HUB = SyntheticHub(models=2400, datasets=1200)
OBSERVED = {one.day: one for one in past.observations()}


@pytest.fixture(scope="module")
def truth() -> Truth:
    return HUB.past().truth


@pytest.fixture(scope="module")
def archive() -> DatasetRepository:
    return HUB.past().repository()


@pytest.fixture(scope="module")
def tables(archive) -> dict[tuple[str, date], pa.Table]:
    """Each file, by kind and the day of its listing."""
    tree = archive.revision("main").tree
    return {
        (kind, one.day): pq.read_table(pa.BufferReader(entry.file.content.read(0, entry.file.size)))
        for kind in KINDS
        for one in OBSERVED.values()
        if (entry := tree.get(f"{kind}/{one.week}/{kind}.parquet"))
    }


def counts(table: pa.Table, column: str) -> dict[str, int]:
    return dict(zip(table["_id"].to_pylist(), table[column].to_pylist(), strict=True))


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def test_each_file_lists_who_was_there_once(tables, truth):
    for (kind, day), table in tables.items():
        ids = table["_id"].to_pylist()
        assert len(ids) == len(set(ids)) == len(set(table["id"].to_pylist()))
        assert set(ids) == truth.listed(kind, noon(day))


@pytest.mark.parametrize("kind", KINDS)
def test_the_archive_ends_in_what_is_listed_today(tables, truth, kind):
    now = {record["_id"]: record for record in listed(HUB, kind)}
    assert truth.listed(kind, midnight(SAMPLE_DATE + timedelta(1))) == now.keys()
    true = truth.counters(kind, midnight(SAMPLE_DATE + timedelta(1)))
    assert {hub_id: true[hub_id] for hub_id in now} == {
        hub_id: record["downloadsAllTime"] for hub_id, record in now.items()
    }
    last = tables[kind, past.LAST_DAY]
    both = [hub_id for hub_id in last["_id"].to_pylist() if hub_id in now]
    assert 0.98 < len(both) / last.num_rows < 1
    names, created = counts(last, "id"), counts(last, "createdAt")
    assert sum(names[hub_id] == now[hub_id]["id"] for hub_id in both) > 0.99 * len(both)
    for hub_id in both:
        said = now[hub_id].get("createdAt")
        assert created[hub_id] == (said and datetime.fromisoformat(said))


def present(record: dict[str, Any]) -> dict[str, Any]:
    """A row without its nulls, as a record of the API has it."""
    safetensors = record.get("safetensors")
    if safetensors:
        formats = safetensors["parameters"]
        if formats is not None:
            formats = {name: count for name, count in formats.items() if count is not None}
        parts = {"parameters": formats, "total": safetensors["total"]}
        record["safetensors"] = {key: part for key, part in parts.items() if part is not None}
    return {key: value for key, value in record.items() if value is not None}


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_says_what_the_listing_said_then(tables, kind):
    day = date(2026, 3, 1)
    listing = HUB.open()[kind]
    listing._end = OBSERVED[day].listed
    rows = {row["_id"]: present(row) for row in tables[kind, day].to_pylist()}
    compared = 0
    for position in range(len(listing)):
        record = msgspec.json.decode(msgspec.json.encode(listing.record(position)))
        row = rows.get(record["_id"])
        if row is None:
            continue
        compared += 1
        for field in ("id", "author", "likes", "trendingScore", "pipeline_tag", "safetensors"):
            assert row.get(field) == record.get(field), field
        assert row["lastModified"] == datetime.fromisoformat(record["lastModified"])
        assert row["downloadsAllTime"] <= record["downloadsAllTime"]
        if "gguf" in record:
            assert msgspec.json.decode(row["gguf"])["total"] == record["gguf"]["total"]
        if not any(tag.startswith("base_model:") for tag in record["tags"]):
            assert row["tags"] == record["tags"]
    assert compared == len(rows)


@pytest.mark.parametrize("kind", KINDS)
def test_true_counters_never_fall_and_months_add_up(truth, kind):
    lives = truth.lives[kind]
    days = [SAMPLE_END - n * 5 * DAY for n in range(160)]
    before = lives.all_time_downloads(days[0])
    for day in days[1:]:
        then = lives.all_time_downloads(day)
        assert (then <= before).all()
        assert (then[lives.created >= day] == 0).all()
        if day <= days[6]:
            later = day + 30 * DAY
            flow = lives.all_time_downloads(later) - then
            there = lives.is_listed(later)
            assert np.abs(flow - lives.downloads(later))[there].max() <= 1
        before = then
    flows = lives.all_time_downloads(days[0]) - lives.all_time_downloads(days[6])
    now = {record["_id"]: record["downloads"] for record in listed(HUB, kind)}
    is_old = lives.created < SAMPLE_END - 60 * DAY
    for at in np.flatnonzero(is_old):
        if lives.hub_ids[at] in now:
            assert abs(flows[at] - now[lives.hub_ids[at]]) <= 1


def test_a_crawl_of_a_past_day_shows_the_true_counters(truth):
    day = date(2025, 6, 30)
    hub = SyntheticHub(HUB.models, HUB.datasets, as_of=day)
    for kind in KINDS:
        lives = truth.lives[kind]
        recent = dict(zip(lives.hub_ids, lives.downloads(end_of(day)).tolist(), strict=True))
        all_time = truth.counters(kind, midnight(day + timedelta(1)))
        for record in listed(hub, kind):
            assert record["downloadsAllTime"] == all_time[record["_id"]]
            assert record["downloads"] == recent[record["_id"]]


def test_what_is_removed_is_downloaded_no_more(truth):
    gone = truth.removed("models", midnight(date(2026, 1, 1)))
    early, late = (truth.counters("models", midnight(date(2026, n, 1))) for n in (1, 10))
    before = truth.counters("models", midnight(date(2025, 10, 1)))
    assert len(gone) > 50
    assert all(early[hub_id] == late[hub_id] for hub_id in gone)
    assert any(early[hub_id] > before.get(hub_id, 0) for hub_id in gone)


@pytest.mark.parametrize("kind", KINDS)
def test_counters_are_true_but_where_the_archive_is_flawed(tables, truth, kind):
    for (of, day), table in tables.items():
        if of != kind or "downloadsAllTime" not in table.column_names or day == past.FROZEN:
            continue
        true, shown = truth.counters(kind, midnight(day)), counts(table, "downloadsAllTime")
        wrong = [hub_id for hub_id in shown if shown[hub_id] != true.get(hub_id, 0)]
        if day == past.BACKWARDS:
            before = counts(tables[kind, date(2025, 4, 1)], "downloadsAllTime")
            assert 0.2 < len(wrong) / table.num_rows < 0.4
            assert all(shown[hub_id] < before.get(hub_id, 1 << 60) for hub_id in wrong)
        else:
            assert wrong == []


@pytest.mark.parametrize("kind", KINDS)
def test_one_file_alone_repeats_the_counts_of_the_file_before(tables, kind):
    days = [day for of, day in tables if of == kind]
    frozen = []
    for before, day in pairwise(days):
        older, newer = (counts(tables[kind, one], "downloads") for one in (before, day))
        both = [hub_id for hub_id in newer if newer[hub_id] and older.get(hub_id)]
        same = sum(newer[hub_id] == older[hub_id] for hub_id in both)
        if same > len(both) / 2:
            frozen.append(day)
    assert frozen == [past.FROZEN]


def test_files_differ_in_their_columns_and_one_is_missing(tables):
    for (_, day), table in tables.items():
        assert ("downloadsAllTime" in table.column_names) == (day >= past.FIRST_WITH_ALL_TIME)
    formats = {
        tuple(field.name for field in table.schema.field("safetensors").type.field(0).type)
        for (kind, _), table in tables.items()
        if kind == "models"
    }
    assert len(formats) > 1
    assert past.MISSING not in tables
    assert len(tables) == 2 * len(OBSERVED) - 1


def test_repositories_are_renamed_and_some_come_back_under_a_new_id(tables):
    ids_of_name: dict[str, set[str]] = {}
    names_of_id: dict[str, set[str]] = {}
    for (kind, _), table in tables.items():
        for hub_id, name in counts(table, "id").items():
            ids_of_name.setdefault(f"{kind} {name}", set()).add(hub_id)
            names_of_id.setdefault(f"{kind} {hub_id}", set()).add(name)
    assert any(len(ids) == 2 for ids in ids_of_name.values())
    assert any(len(names) == 2 for names in names_of_id.values())


def test_the_young_are_removed_sooner_than_the_old(truth):
    lives = truth.lives["models"]
    end = SAMPLE_END - 365 * DAY
    made = (lives.created > end - 730 * DAY) & (lives.created < end)
    ages = (lives.removed - lives.created)[made] / DAY
    first, later = ((ages < 90).sum() / made.sum(), ((ages >= 90) & (ages < 180)).sum())
    assert first > 1.5 * later / (ages >= 90).sum() > 0


def test_the_commits_of_the_archive_date_its_listings(archive):
    commits = archive.revisions[1:]
    assert [commit.date for commit in commits] == [noon(day) for day in OBSERVED]
    for one in OBSERVED.values():
        assert one.week.weekday() == 2
        assert timedelta(0) <= one.day - one.week < timedelta(7)
    months = {(day.year, day.month) for day in OBSERVED}
    assert len(months) == 24


def test_the_same_seed_gives_the_same_archive():
    hubs = (SyntheticHub(300, 100), SyntheticHub(300, 100), SyntheticHub(300, 100, seed=1))
    one, same, other = (hub.past().repository().revision("main").sha for hub in hubs)
    assert one == same != other


def test_the_sample_serves_its_past_whatever_the_day_is():
    for day in (SAMPLE_DATE, date(2025, 1, 15)):
        with serve(SyntheticHub(200, 100, as_of=day)) as endpoint:
            info = HfApi(endpoint=endpoint, token=False).dataset_info(past.NAME)
            files = HfFileSystem(endpoint=endpoint, token=False, skip_instance_cache=True)
            found = files.glob(f"datasets/{past.NAME}/models/*/models.parquet")
            with files.open(found[-1]) as file:
                rows = pq.ParquetFile(file).metadata.num_rows
        assert info.card_data.license == "odbl"
        assert len(found) == 25
        assert 190 < rows < 200


def test_a_hub_of_nothing_has_an_archive_of_empty_listings():
    tree = SyntheticHub(0, 0).past().repository().revision("main").tree
    file = tree["models/2026-09-30/models.parquet"].file
    assert pq.read_table(pa.BufferReader(file.content.read(0, file.size))).num_rows == 0
