"""The command ``load``, from a Hub to ``hub_raw``, as a person or a scheduler runs it."""

import gzip
import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from loaders.warehouse import raw_schema
from simulator import LocalHubServer, RecordFolder
from tests.loaders.conftest import (
    contents,
    model,
    query,
    write_records,
)

ROOT = Path(__file__).parents[2]

# Of a folder, which says no day itself.
DAY = ("--snapshot-date", "2026-10-15")


def test_a_load_brings_each_record_once_and_names_its_snapshots(run, data, hub):
    code, said = run("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    assert code == 0, said
    assert "models: 2,300 rows" in said
    assert query(data, "select count(*), count(distinct _id) from hub_raw.models") == [(2300, 2300)]
    assert query(
        data,
        "select kind, snapshot_date, source, is_synthetic, records, rejects, pages, requests"
        " from hub_raw.snapshots order by kind",
    ) == [
        ("datasets", date(2026, 10, 15), str(hub), False, 1_100, 0, 2, 2),
        ("models", date(2026, 10, 15), str(hub), False, 2_300, 0, 3, 3),
    ]


def test_every_raw_table_is_there_after_the_first_load_as_the_schema_says(run, data, hub):
    run("load", "--hub", hub, *DAY)
    types = {"date32[day]": "DATE", "string": "VARCHAR", "int64": "BIGINT", "bool": "BOOLEAN"}
    types |= {"double": "DOUBLE", "timestamp[us, tz=UTC]": "TIMESTAMP WITH TIME ZONE"}
    for table, schema in raw_schema.TABLES.items():
        columns = query(data, f"describe hub_raw.{table}")
        assert [column[:2] for column in columns] == [
            (field.name, types[str(field.type)]) for field in schema
        ]


def test_loading_the_same_snapshot_again_changes_nothing(run, data, hub):
    run("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    before = contents(data)
    code, _ = run("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    assert code == 0
    assert contents(data) == before


def test_crawling_the_same_snapshot_anew_changes_nothing(run, data, hub):
    run("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    before = contents(data)
    run("load", "--hub", hub, "--snapshot-date", "2026-10-15", "--refetch")
    assert contents(data) == before


def test_a_second_month_stands_beside_the_first(run, data, hub):
    run("load", "--hub", hub, "--snapshot-date", "2026-09-30")
    run("load", "--hub", hub, "--snapshot-date", "2026-10-31")
    assert query(
        data, "select snapshot_date, count(*) from hub_raw.models group by 1 order by 1"
    ) == [(date(2026, 9, 30), 2300), (date(2026, 10, 31), 2300)]


def test_a_folder_that_changed_is_read_anew_on_the_same_day(run, data, hub):
    run("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    write_records(hub, models=[model(n, likes=5) for n in range(2_400)])
    run("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    assert query(data, "select count(*), sum(likes) from hub_raw.models") == [(2400, 12000)]


def test_rejects_of_an_earlier_load_do_not_stay(run, data, hub):
    write_records(hub, models=[*(model(n) for n in range(100)), model(200, downloads=-3)])
    _, said = run("load", "--hub", hub, *DAY)
    assert "left out: 1 malformed" in said
    (reject,) = query(data, "select kind, reason, detail, raw_text from hub_raw.rejects")
    assert reject[:2] == ("models", "malformed")
    assert json.loads(reject[3])["downloads"] == -3
    assert query(data, "select rejects from hub_raw.snapshots where kind = 'models'") == [(1,)]
    write_records(hub, models=(model(n) for n in range(101)))
    run("load", "--hub", hub, *DAY)
    assert query(data, "select count(*) from hub_raw.rejects") == [(0,)]


def test_a_folder_with_models_alone_loads_models_alone(run, data, tmp_path):
    folder = write_records(tmp_path / "hub", models=[model(1)])
    code, _ = run("load", "--hub", folder, *DAY)
    assert code == 0
    assert query(data, "select kind from hub_raw.snapshots") == [("models",)]
    assert query(data, "select count(*) from hub_raw.datasets") == [(0,)]


def test_a_truncated_snapshot_is_refused_before_anything_is_replaced(run, data, hub):
    run("load", "--hub", hub, "--snapshot-date", "2026-09-30")
    before = contents(data)
    write_records(hub, models=(model(n) for n in range(2_000)))
    code, said = run("load", "--hub", hub, "--snapshot-date", "2026-10-31")
    assert code == 1
    assert "2,000 rows, 87% of the 2,300 of 2026-09-30" in said
    kept = contents(data)
    assert kept["models"] == before["models"]
    code, said = run("load", "--hub", hub, "--snapshot-date", "2026-10-31", "--force")
    assert code == 0, said
    assert query(
        data, "select records, is_forced from hub_raw.snapshots where kind = 'models' order by 1"
    ) == [(2000, True), (2300, False)]


def test_a_backfilled_month_is_held_against_the_one_before_it_only(run, data, hub):
    run("load", "--hub", hub, "--snapshot-date", "2026-10-31")
    write_records(hub, models=(model(n) for n in range(1_000)))
    code, said = run("load", "--hub", hub, "--snapshot-date", "2026-08-31")
    assert code == 0, said


def test_a_table_that_an_older_version_did_not_have_is_made_by_the_next_load(
    run, data, hub, monkeypatch
):
    with monkeypatch.context() as older_version:
        older_version.delitem(raw_schema.TABLES, "model_details")
        run("load", "--hub", hub, "--snapshot-date", "2026-09-30")
    with pytest.raises(duckdb.CatalogException):
        query(data, "select * from hub_raw.model_details")
    code, said = run("load", "--hub", hub, "--snapshot-date", "2026-10-31")
    assert code == 0, said
    assert query(data, "select count(*) from hub_raw.model_details") == [(0,)]


def test_the_token_is_in_nothing_that_a_load_leaves(run, data, hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_verysecrettoken")
    with LocalHubServer(RecordFolder(hub)) as server:
        code, said = run("load", "--hub", server.endpoint, "--summary", data / "summary.json")
    assert (code, "verysecret" in said) == (0, False)
    for file in data.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert b"verysecret" not in content, file
            if file.suffix == ".gz":
                assert b"verysecret" not in gzip.decompress(content), file
