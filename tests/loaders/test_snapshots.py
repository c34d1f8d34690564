"""Kept snapshots: the command ``snapshots``, how long pages stay, and what a load would do."""

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from simulator import LocalHubServer, RecordFolder
from tests.loaders.conftest import contents, dataset, model, on_day, query, write_records

ROOT = Path(__file__).parents[2]


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A folder of 1,200 models, so two pages, and 10 datasets."""
    return write_records(
        tmp_path / "hub",
        models=(model(n) for n in range(1_200)),
        datasets=(dataset(n) for n in range(10)),
    )


def pages(data: Path, kind: str) -> list[str]:
    """The dates of which there are pages."""
    return sorted({file.parent.name for file in data.rglob(f"{kind}/*/*.zst")})


def everything(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_snapshots_are_listed_newest_first_in_aligned_columns(run, data, hub):
    write_records(hub, models=[*(model(n) for n in range(1_200)), model(2_000, downloads=-1)])
    for day in ("2026-09-30", "2026-10-31"):
        run("load", "--hub", hub, "--snapshot-date", day)
    shutil.rmtree(next(data.rglob("models/2026-09-30")))
    before = everything(data)
    code, said = run("snapshots")
    assert code == 0
    header, *rows = said.splitlines()
    assert [row.split()[:2] for row in rows] == [
        [day, kind] for day in ("2026-10-31", "2026-09-30") for kind in ("datasets", "models")
    ]
    for column, cells in {
        "source": [str(hub)] * 4,
        "pages": ["landed", "landed", "landed", "gone"],
    }.items():
        at = header.index(column)
        assert [row[at:].split()[0] for row in rows] == cells
    end = header.index("records") + len("records")
    assert [row[:end].split()[-1] for row in rows] == ["10", "1,200", "10", "1,200"]
    end = header.index("rejects") + len("rejects")
    assert [row[:end].split()[-1] for row in rows] == ["0", "1", "0", "1"]
    assert everything(data) == before  # a look changes nothing
    code, said = run("snapshots", "--json", "--kind", "models")
    listed = json.loads(said)
    assert [(s["snapshot_date"], s["records"], s["has_pages"]) for s in listed] == [
        ("2026-10-31", 1_200, True),
        ("2026-09-30", 1_200, False),
    ]


def test_to_list_an_empty_warehouse_makes_no_file(run, data):
    code, said = run("snapshots")
    assert (code, "keeps no snapshot" in said) == (0, True)
    assert not data.exists()


def test_a_dropped_snapshot_is_gone_and_a_load_of_its_pages_brings_it_back(run, data, hub):
    for day in ("2026-09-30", "2026-10-31"):
        run("load", "--hub", hub, "--snapshot-date", day)
    before = contents(data)
    code, said = run("snapshots", "--drop", "2026-09-30", "--kind", "models")
    assert code == 0, said
    assert "Dropped models of 2026-09-30" in said
    assert "1,200 rows" in said
    assert "Run dbt build next" in said
    assert query(data, "select distinct snapshot_date from hub_raw.models") == [
        (date(2026, 10, 31),)
    ]
    assert query(data, "select kind from hub_raw.snapshots where month(snapshot_date) = 9") == [
        ("datasets",)
    ]
    run("load", "--hub", hub, "--snapshot-date", "2026-09-30")
    assert contents(data) == before


def test_a_drop_of_an_unknown_date_names_those_that_are_kept(run, data, hub):
    run("load", "--hub", hub, "--snapshot-date", "2026-09-30")
    code, said = run("snapshots", "--drop", "2026-09-29")
    assert code == 1
    assert "keeps no models or datasets of 2026-09-29" in said
    assert "It keeps: 2026-09-30 datasets, 2026-09-30 models" in said


def test_a_snapshot_whose_pages_are_gone_is_dropped_by_force_only(run, data, hub):
    run("load", "--hub", hub, "--snapshot-date", "2026-09-30")
    before = contents(data)
    shutil.rmtree(next(data.rglob("models/2026-09-30")))
    code, said = run("snapshots", "--drop", "2026-09-30")
    assert (code, "could never be loaded again" in said) == (1, True)
    assert contents(data) == before
    code, said = run("snapshots", "--drop", "2026-09-30", "--force")
    assert code == 0, said
    assert query(data, "select * from hub_raw.snapshots") == []


def test_snapshots_on_bigquery_are_listed_and_dropped_like_those_on_duckdb(
    run, data, hub, project, monkeypatch
):
    for name, value in project.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LOAD__WORKERS", "8")
    on = ("--target", "bigquery")
    code, said = run("snapshots", *on)
    assert (code, "keeps no snapshot" in said) == (0, True), said
    code, said = run("load", "--hub", hub, "--snapshot-date", "2026-09-30", *on)
    assert code == 0, said
    code, said = run("snapshots", *on)
    assert [line.split()[:2] for line in said.splitlines()[1:]] == [
        ["2026-09-30", "datasets"],
        ["2026-09-30", "models"],
    ]
    assert said.count("landed") == 2
    code, said = run("snapshots", "--drop", "2026-09-30", "--kind", "models", *on)
    assert code == 0, said
    assert project.rows("select kind from hub_raw.snapshots") == [{"kind": "datasets"}]
    assert project.rows("select count(*) as n from hub_raw.models") == [{"n": 0}]


DAYS = ("2026-08-31", "2026-09-30", "2026-10-31")


@pytest.mark.parametrize("days", [DAYS, DAYS[::-1]])
def test_pages_of_the_newest_snapshots_stay_in_whatever_order_they_are_loaded(run, data, hub, days):
    for day in days:
        code, said = run("load", "--hub", hub, "--snapshot-date", day, "--keep-pages", 2)
        assert code == 0, said
    assert pages(data, "models") == pages(data, "datasets") == list(DAYS[1:])
    assert "Removed the pages of models of 2026-08-31" in said
    assert query(data, "select count(*) from hub_raw.snapshots") == [(6,)]


def test_by_default_every_page_stays(run, data, hub):
    for day in DAYS:
        run("load", "--hub", hub, "--snapshot-date", day)
    assert pages(data, "models") == list(DAYS)


def test_pages_that_are_in_no_warehouse_stay(run, data, hub, monkeypatch):
    monkeypatch.setenv("HUB_KEEP_PAGES", "1")
    run("load", "--hub", hub, "--snapshot-date", DAYS[0])
    run("snapshots", "--drop", DAYS[0], "--kind", "models")
    code, said = run("load", "--hub", hub, "--snapshot-date", DAYS[1])
    assert code == 0, said
    assert pages(data, "models") == list(DAYS[:2])
    assert pages(data, "datasets") == [DAYS[1]]
    run("load", "--hub", hub, "--snapshot-date", DAYS[2])
    run("snapshots", "--drop", DAYS[2], "--kind", "datasets")
    run("load", "--hub", hub, "--snapshot-date", DAYS[0])  # and it counts for none of the newest
    assert pages(data, "datasets") == [DAYS[0], DAYS[2]]


def test_pages_of_a_crawl_that_is_not_the_loaded_one_stay(run, data, hub):
    run("load", "--hub", hub, "--snapshot-date", DAYS[0])
    manifest = next(data.rglob(f"models/{DAYS[0]}/snapshot.json"))
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(content | {"finished_at": "2026-09-01T00:00:00Z"}))
    run("load", "--hub", hub, "--snapshot-date", DAYS[1], "--keep-pages", 1)
    assert pages(data, "models") == list(DAYS[:2])
    next(data.rglob(f"datasets/{DAYS[1]}/snapshot.json")).unlink()
    run("load", "--hub", hub, "--snapshot-date", DAYS[2], "--keep-pages", 1)
    assert pages(data, "datasets") == list(DAYS[1:])


def test_a_damaged_crawl_of_another_day_does_not_fail_a_load_with_retention(run, data, hub):
    run("load", "--hub", hub, "--snapshot-date", DAYS[0])
    next(data.rglob(f"models/{DAYS[0]}/snapshot.json")).unlink()
    next(data.rglob(f"models/{DAYS[0]}/page-000001.manifest.json")).unlink()
    code, said = run("load", "--hub", hub, "--snapshot-date", DAYS[1], "--keep-pages", 1)
    assert code == 0, said
    assert pages(data, "models") == list(DAYS[:2])
    assert pages(data, "datasets") == [DAYS[1]]


def test_a_load_that_failed_removes_no_page(run, data, hub):
    run("load", "--hub", hub, "--snapshot-date", DAYS[0])
    run("load", "--hub", hub, "--snapshot-date", DAYS[1])
    next(data.rglob(f"models/{DAYS[1]}/page-000001.json.zst")).unlink()
    code, said = run("load", "--hub", hub, "--snapshot-date", DAYS[1], "--keep-pages", 1)
    assert code == 1
    assert "page-000001.json.zst is not the page that was received" in said
    assert pages(data, "datasets") == list(DAYS[:2])


def test_a_removal_of_pages_that_was_killed_is_ended_by_the_next_load(run, data, hub):
    run("load", "--hub", hub, "--snapshot-date", DAYS[0])
    killer = (
        "import os, signal, sys\n"
        "remove, removed = os.remove, []\n"
        "def killed(path):\n"
        "    if len(removed) == 2:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    if '.json' in str(path) and '/models/' in str(path):\n"
        "        removed.append(path)\n"
        "    remove(path)\n"
        "os.remove = killed\n"
        "from loaders.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    load = ["load", "--hub", str(hub), "--snapshot-date", DAYS[1], "--keep-pages", "1"]
    process = subprocess.run([sys.executable, "-c", killer, *load], cwd=ROOT, capture_output=True)
    assert process.returncode == -signal.SIGKILL, process.stderr
    assert len(list(data.rglob(f"models/{DAYS[0]}/page*"))) in range(1, 4)
    code, said = run("snapshots")
    assert said.count("landed") == 2 + 1  # datasets of the first were not come to
    code, said = run(*load)
    assert code == 0, said
    assert pages(data, "models") == pages(data, "datasets") == [DAYS[1]]


def test_a_dry_run_says_what_a_load_would_fetch_and_replace_and_writes_nothing(run, data, hub):
    with LocalHubServer(RecordFolder(hub)) as server:
        with on_day(DAYS[0]):
            run("load", "--hub", server.endpoint)
        before, asked = everything(data), len(server.requests)

        def dry(day: str, *options: str) -> str:
            with on_day(day):
                code, said = run("load", "--hub", server.endpoint, "--dry-run", *options)
            assert code == 0, said
            assert len(server.requests) == asked
            assert everything(data) == before
            return said

        said = dry(DAYS[0])
        assert "fetch no models: all 2 pages are landed" in said
        assert "replace the 1,200 models of that date" in said
        assert "min at 80%" not in said
        said = dry(DAYS[0], "--refetch")
        assert "models, every page: some 2 requests (the snapshot of 2026-08-31 has 1,200" in said
        said = dry(DAYS[1], "--quota-share", "0.1")
        assert "load the first models of that date" in said
        # Three requests: of 50 or 100 in five minutes.
        assert "some 1 min at 10% of the quota of a free token, 1 min without a token" in said
        (data / "landing").rename(data / "moved")
        next(data.rglob(f"models/{DAYS[0]}/snapshot.json")).unlink()
        next(data.rglob(f"models/{DAYS[0]}/page-000002.manifest.json")).unlink()
        (data / "moved").rename(data / "landing")
        before = everything(data)
        said = dry(DAYS[0])
        assert "models from page 2 on: some 1 requests" in said


def test_a_first_dry_run_goes_by_the_size_of_the_hub_and_makes_nothing(run, data):
    code, said = run("load", "--hub", "https://huggingface.co", "--dry-run")
    assert code == 0
    assert "models, every page: some 3,118 requests (the first time" in said
    # 4,100 requests, at 400 or 800 in five minutes
    assert "some 26 min at 80% of the quota of a free token, 52 min without a token" in said
    assert not data.exists()


def test_a_dry_run_of_another_hub_is_refused_as_its_load_would_be(run, data, hub):
    run("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    code, said = run("load", "--hub", "https://huggingface.co", "--dry-run")
    assert code == 1
    assert "would mix two Hubs" in said
    assert os.listdir(data / "landing") != []


def test_a_refused_load_of_another_hub_leaves_what_a_run_of_the_first_is_about_to_load(
    run, data, hub, tmp_path
):
    run("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    under_way = data / "hub.dlt" / "models" / "normalize" / "extracted.parquet"
    under_way.write_bytes(b"rows")
    another = shutil.copytree(hub, tmp_path / "another")
    code, said = run("load", "--hub", another, "--snapshot-date", "2026-10-15")
    assert code == 1
    assert "would mix two Hubs" in said
    assert under_way.read_bytes() == b"rows"
    code, said = run("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    assert code == 0, said
    assert not under_way.exists()
