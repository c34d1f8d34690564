"""The command ``history``: earlier listings from an archive on disk, as snapshots of the Hub."""

import json
import shutil
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from tests.loaders.archives import DATASETS, archived, instant, listing, parquet, write_week
from tests.loaders.conftest import contents, dataset, model, query, write_records

HUB = "https://huggingface.co"
# Week's folder -> day of the newest change in it. Two months, and a week between.
WEEKS = {"2026-06-03": "2026-06-05", "2026-06-10": "2026-06-12", "2026-07-01": "2026-07-04"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    for week, day in WEEKS.items():
        write_week(folder, week, parquet(listing(day)))
        rows = listing(day, range(1, 11))
        write_week(folder, week, parquet(rows, columns=DATASETS), "datasets")
    facts = {"source": HUB, "obtained_from": "someone", "licence": "ODbL 1.0"}
    (folder / "hub.json").write_text(json.dumps(facts))
    return folder


def snapshots(data: Path, columns: str = "kind, snapshot_date") -> list[tuple]:
    return query(data, f"select {columns} from hub_raw.snapshots order by snapshot_date, kind")


def test_the_first_file_of_each_month_becomes_a_snapshot_that_says_where_it_is_from(
    run, archive, data
):
    code, said = run("history", "--from", archive)
    assert code == 0, said
    columns = "kind, snapshot_date, archive_date, source, licence, records, is_complete, is_frozen"
    assert snapshots(data, columns) == [
        (kind, date(*day), date(*week), HUB, "ODbL 1.0", records, True, frozen)
        for day, week, frozen in (
            ((2026, 6, 5), (2026, 6, 3), None),
            ((2026, 7, 4), (2026, 7, 1), False),
        )
        for kind, records in (("datasets", 10), ("models", 40))
    ]
    (path,) = set(snapshots(data, "obtained_from")[:1])
    assert path == (f"{archive}/datasets/2026-06-03/datasets.parquet",)
    rows = query(data, "select count(*), min(snapshot_date), sum(downloads) from hub_raw.models")
    assert rows[0][:2] == (80, date(2026, 6, 5))
    code, said = run("snapshots")
    assert "landed" in said
    assert f"{archive}" in said


def test_a_run_leaves_what_it_did(run, archive, tmp_path):
    file = tmp_path / "summary.json"
    assert run("history", "--from", archive, "--summary", file)[0] == 0
    summary = json.loads(file.read_text())
    assert (summary["hub"], summary["exit_code"]) == (HUB, 0)
    models = summary["archives"]["models"]
    assert models["loaded"] == ["2026-06-05", "2026-07-04"]
    assert (models["records"], models["refused"], models["frozen"]) == (80, 0, 0)
    assert models["bytes_read"] > 1_000


def test_every_week_takes_them_all_and_since_and_until_bound_them(run, archive, data):
    assert run("history", "--from", archive, "--every", "week", "--kind", "models")[0] == 0
    assert [day for (day,) in snapshots(data, "snapshot_date")] == [
        *(date(2026, 6, 5), date(2026, 6, 12), date(2026, 7, 4))
    ]


def test_days_out_of_the_bounds_are_not_read(run, archive, data):
    bounds = ("--since", "2026-06-06", "--until", "2026-06-30", "--kind", "models")
    assert run("history", "--from", archive, *bounds)[0] == 0
    assert snapshots(data) == [("models", date(2026, 6, 12))]


def test_the_same_command_again_reads_and_changes_nothing(run, archive, data):
    assert run("history", "--from", archive)[0] == 0
    before = contents(data)
    times = snapshots(data, "loaded_at")
    code, said = run("history", "--from", archive)
    assert code == 0
    assert said.count("are loaded already") == 4
    assert (contents(data), snapshots(data, "loaded_at")) == (before, times)


def test_the_order_of_months_does_not_matter(run, archive, data, tmp_path, monkeypatch):
    assert run("history", "--from", archive)[0] == 0
    expected = contents(data)
    other = tmp_path / "other"
    monkeypatch.setenv("HUB_DUCKDB_PATH", str(other / "hub.duckdb"))
    monkeypatch.setenv("HUB_LANDING", str(other / "landing"))
    assert run("history", "--from", archive, "--since", "2026-07-01")[0] == 0
    assert run("history", "--from", archive, "--kind", "datasets")[0] == 0
    assert run("history", "--from", archive)[0] == 0
    assert contents(other) == expected


def test_what_was_dropped_comes_back_from_the_landing_zone_without_the_file(run, archive, data):
    assert run("history", "--from", archive)[0] == 0
    before = contents(data)
    code, said = run("snapshots", "--drop", "2026-06-05")
    assert code == 0, said
    assert len(snapshots(data)) == 2
    shutil.rmtree(archive)
    code, said = run("history", "--from", archive, "--offline")
    assert code == 0, said
    assert contents(data) == before


def test_a_frozen_file_is_skipped_for_the_next_one_and_says_so(run, archive, data):
    frozen = listing("2026-07-04", range(1, 31))
    old = listing("2026-06-12", range(1, 31))
    rows = [new | {"downloads": one["downloads"]} for new, one in zip(frozen, old, strict=True)]
    write_week(archive, "2026-07-01", parquet(rows + listing("2026-07-04", range(31, 51))))
    write_week(archive, "2026-07-08", parquet(listing("2026-07-11")))
    code, said = run("history", "--from", archive, "--kind", "models")
    assert code == 0, said
    assert "is frozen, 30 of its 40 counts" in said
    assert [day for (day,) in snapshots(data, "snapshot_date")] == [
        date(2026, 6, 5),
        date(2026, 7, 11),
    ]
    code, said = run("history", "--from", archive, "--kind", "models", "--force")
    assert code == 0, said
    assert (date(2026, 7, 4), True, "frozen") in snapshots(
        data, "snapshot_date, is_frozen, overruled"
    )


def test_half_of_the_counts_alike_is_not_over_half(run, archive, data):
    rows = listing("2026-07-04", range(1, 21)) + [
        new | {"downloads": old["downloads"]}
        for new, old in zip(
            listing("2026-07-04", range(21, 41)), listing("2026-06-12", range(21, 41)), strict=True
        )
    ]
    write_week(archive, "2026-07-01", parquet(rows))
    assert run("history", "--from", archive, "--kind", "models")[0] == 0
    assert snapshots(data, "is_frozen") == [(None,), (False,)]


def test_names_are_compared_where_a_file_has_no_keys(run, archive, data):
    rows = listing("2026-06-12")
    write_week(archive, "2026-06-10", parquet(rows, {"_id": None}))
    changed = [row | {"lastModified": instant("2026-07-04").replace(tzinfo=None)} for row in rows]
    write_week(archive, "2026-07-01", parquet(changed))
    code, said = run("history", "--from", archive, "--kind", "models")
    assert "is frozen, 40 of its 40 counts" in said, said
    assert (code, len(snapshots(data))) == (0, 1)


def test_a_truncated_listing_is_not_loaded_and_the_next_of_its_month_is(run, archive, data):
    write_week(archive, "2026-07-01", parquet(listing("2026-07-04", range(1, 31))))
    code, said = run("history", "--from", archive, "--kind", "models")
    assert code == 1
    assert "75% of the 40" in said
    write_week(archive, "2026-07-08", parquet(listing("2026-07-11", range(1, 39))))
    code, said = run("history", "--from", archive, "--kind", "models")
    assert code == 0, said
    assert snapshots(data, "snapshot_date, records")[1:] == [(date(2026, 7, 11), 38)]


@pytest.mark.parametrize("damage", ["cut", "empty", "no parquet", "zeros within", "no rows"])
def test_a_damaged_file_stops_no_other(run, archive, data, damage):
    path = archive / "models/2026-06-03/models.parquet"
    whole = path.read_bytes()
    middle = bytes(300)
    path.write_bytes(
        {
            "cut": whole[:-400],
            "empty": b"",
            "no parquet": b"<html>" * 300,
            "zeros within": whole[:40] + middle + whole[40 + len(middle) :],
            "no rows": parquet([]),
        }[damage]
    )
    shutil.rmtree(archive / "models/2026-06-10")
    code, said = run("history", "--from", archive)
    assert code == 1
    assert "models/2026-06-03/models.parquet" in said
    assert "Traceback" not in said
    assert len(snapshots(data)) == 3


def test_another_type_in_a_column_is_an_error_that_names_it(run, archive, data):
    rows = [row | {"downloads": str(row["downloads"])} for row in listing("2026-07-04")]
    write_week(archive, "2026-07-01", parquet(rows, {"downloads": pa.string()}))
    code, said = run("history", "--from", archive, "--kind", "models")
    assert code == 1
    assert "The column downloads of models/2026-07-01/models.parquet is of the type string" in said
    assert "int64 is expected" in said
    assert len(snapshots(data)) == 1


def test_a_crawl_is_left_alone_and_replaced_by_force_alone(run, archive, data, tmp_path):
    hub = write_records(tmp_path / "hub", models=[model(1)], datasets=[dataset(1)])
    facts = {"source": HUB, "snapshot_date": "2026-06-05", "is_complete": True}
    (hub / "hub.json").write_text(json.dumps(facts))
    code, said = run("load", "--hub", hub, "--force")
    assert code == 0, said
    code, said = run("history", "--from", archive, "--kind", "models", "--until", "2026-06-30")
    assert code == 0, said
    assert "were crawled: left alone" in said
    assert snapshots(data, "records") == [(1,), (1,)]
    options = ("--kind", "models", "--until", "2026-06-05", "--force")
    assert run("history", "--from", archive, *options)[0] == 0
    assert snapshots(data, "records, overruled")[1] == (40, "replaced_crawl")


def test_an_archive_of_another_hub_is_refused(run, archive, data):
    code, said = run("history", "--from", archive, "--hub", "https://hub.example")
    assert code == 1
    assert f"are of {HUB}" in said
    assert run("history", "--from", archive)[0] == 0
    (archive / "hub.json").unlink()
    code, said = run("history", "--from", archive, "--hub", "https://hub.example")
    assert code == 1
    assert "would mix two Hubs" in said


def test_a_change_that_lies_ahead_says_nothing_of_the_day(run, archive, data):
    ahead = instant("2099-01-01").replace(tzinfo=None)
    rows = [*listing("2026-06-05"), archived(41, "2026-06-05", lastModified=ahead)]
    write_week(archive, "2026-06-03", parquet(rows))
    assert run("history", "--from", archive, "--kind", "models")[0] == 0
    assert snapshots(data)[0] == ("models", date(2026, 6, 5))


def test_a_dry_run_writes_nothing_and_counts_the_bytes_of_needed_columns(run, archive, data):
    code, said = run("history", "--from", archive, "--dry-run")
    assert code == 0, said
    assert "models: 2 files, 80 rows" in said
    assert "datasets: 2 files, 20 rows" in said
    assert not data.exists()


def test_a_file_of_many_small_groups_of_rows_comes_in_whole(run, archive, data):
    content = parquet(listing("2026-06-05", range(1, 1001)), row_group_size=7)
    write_week(archive, "2026-06-03", content)
    options = ("--kind", "models", "--until", "2026-06-30")
    assert run("history", "--from", archive, *options)[0] == 0
    assert query(data, "select count(*), count(distinct _id) from hub_raw.models") == [(1000, 1000)]


def test_a_folder_or_an_address_that_is_none_is_refused(run, tmp_path):
    code, said = run("history", "--from", tmp_path / "nowhere")
    assert (code, "is no folder" in said) == (1, True)
