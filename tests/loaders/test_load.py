"""The command ``load``, from a Hub to ``hub_raw``, as a person or a scheduler runs it."""

import gzip
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import dlt
import duckdb
import pytest

from loaders.warehouse import raw_schema
from simulator import Fault, LocalHubServer, RecordFolder
from tests.loaders.conftest import (
    contents,
    dataset,
    loaders_on_day,
    model,
    on_day,
    query,
    write_records,
)

ROOT = Path(__file__).parents[2]

# Of a folder, which says no day itself.
DAY = ("--snapshot-date", "2026-10-15")


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A folder of 2,300 models and 1,100 datasets: pages that are full, and one that is not."""
    return write_records(
        tmp_path / "hub",
        models=(model(n) for n in range(2_300)),
        datasets=(dataset(n) for n in range(1_100)),
    )


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


def test_a_listing_without_a_usable_record_is_refused(run, data, tmp_path):
    folder = write_records(tmp_path / "hub", models=[model(1, downloads=-3)])
    code, said = run("load", "--hub", folder, *DAY)
    assert code == 1
    assert "holds no usable record" in said


def test_a_database_holds_one_hub(run, data, hub, tmp_path):
    run("load", "--hub", hub, *DAY)
    other = write_records(tmp_path / "other", models=[model(1)])
    code, said = run("load", "--hub", other, *DAY)
    assert code == 1
    assert str(hub) in said
    assert "Set HUB_DUCKDB_PATH to another file" in said


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--hub", "/no/such/folder"], 1, "is no folder, and neither 'sample' nor an address"),
        (["--hub", "ftp://hub"], 1, "is no address of a Hub"),
        # pragma: allowlist nextline secret
        (["--hub", "https://user:password@hub"], 1, "a token goes into HF_TOKEN"),
        (["--hub", "http://127.0.0.1:9", "--retries", "0"], 1, "cannot be read: ConnectError"),
        (["--hub", "sample", "--snapshot-date", "2026-13-01"], 2, "is no date"),
        (["--hub", "https://hub.invalid", "--snapshot-date", "2999-01-01"], 1, "lies ahead"),
        (["--hub", "sample", "--quota-share", "1.5"], 2, "more than the whole quota"),
        (["--hub", "sample", "--quota-share", "0"], 2, "too small"),
        (["--hub", "sample", "--target", "oracle"], 2, "invalid choice"),
        (["--hub", "."], 1, "holds neither models.jsonl.gz nor datasets.jsonl.gz"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_is_written(run, data, arguments, code, told):
    result, said = run("load", *arguments)
    assert (result, told in said) == (code, True), said
    assert "Traceback" not in said
    assert not (data / "landing").exists() or not any((data / "landing").rglob("*.zst"))


def test_a_folder_with_a_line_that_is_no_json_is_named_with_its_line(run, data, tmp_path):
    folder = write_records(tmp_path / "hub", models=[model(1), "{'python': True}"])
    code, said = run("load", "--hub", folder, *DAY)
    assert code == 1
    assert "models.jsonl.gz, line 2, is no JSON" in said


def test_a_folder_whose_file_is_cut_short_is_named(run, data, hub):
    file = hub / "models.jsonl.gz"
    file.write_bytes(file.read_bytes()[:-50])
    code, said = run("load", "--hub", hub, *DAY)
    assert code == 1
    assert "models.jsonl.gz" in said


def test_a_file_that_is_no_database_is_left_as_it_is(run, data, hub):
    data.mkdir()
    (data / "hub.duckdb").write_bytes(b"something else" * 1000)
    code, said = run("load", "--hub", hub, *DAY)
    assert code == 1
    assert "cannot be opened for writing" in said
    assert "no DuckDB database, and stays as it is. Set HUB_DUCKDB_PATH to a file" in said
    assert not {"disk", "open, "} & set(said.split())
    assert (data / "hub.duckdb").read_bytes() == b"something else" * 1000


@pytest.fixture
def holding(data: Path) -> Iterator[Callable[[], int]]:
    """Has another process open the database; gives its PID."""
    held: list[subprocess.Popen[bytes]] = []

    def hold() -> int:
        data.mkdir(exist_ok=True)
        code = (
            "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True);"
            " sys.stdin.read()"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(data / "hub.duckdb")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        held.append(process)
        process.stdout.readline()
        return process.pid

    yield hold
    for process in held:
        process.communicate()


def test_a_database_in_use_is_told_with_who_holds_it(run, data, hub, holding):
    holder = holding()
    code, said = run("load", "--hub", hub, *DAY)
    assert code == 1
    assert f"cannot be opened for writing: process {holder} (python" in said
    assert "Close it there, then run the same command again" in said


def test_a_database_that_is_opened_elsewhere_while_a_load_runs_is_told_with_who_holds_it(
    run, data, hub, holding, monkeypatch
):
    """Dlt guesses at wrong credentials and a network that is down, and we at a full disk."""
    normalize, holders = dlt.Pipeline.normalize, []

    def late(self: dlt.Pipeline, *arguments: object, **options: object) -> object:
        if not holders:
            holders.append(holding())
        return normalize(self, *arguments, **options)

    monkeypatch.setattr(dlt.Pipeline, "normalize", late)
    code, said = run("load", "--hub", hub, *DAY)
    assert code == 1
    (error,) = (line for line in said.splitlines() if line.startswith("error: "))
    assert f"hub.duckdb: process {holders[0]} (python" in error
    assert not {"credentials", "connection", "disk"} & set(error.split())


@pytest.mark.parametrize("path", ["/dev/null/hub.duckdb", "/proc/hub.duckdb"])
def test_a_place_that_cannot_be_written_is_told_before_the_crawl(run, data, hub, monkeypatch, path):
    monkeypatch.setenv("HUB_DUCKDB_PATH", path)
    code, said = run("load", "--hub", hub, *DAY)
    assert code == 1
    assert "It cannot be written there. Set HUB_DUCKDB_PATH" in said
    assert not list(data.rglob("page-*"))


def test_a_database_called_like_a_schema_is_refused(run, hub, data, monkeypatch):
    monkeypatch.setenv("HUB_DUCKDB_PATH", str(data / "marts.duckdb"))
    code, said = run("load", "--hub", hub, *DAY)
    assert code == 1
    assert "cannot be called marts.duckdb" in said


@pytest.mark.parametrize(
    ("option", "project", "told"),
    [
        ("--target", "", "set GOOGLE_CLOUD_PROJECT"),
        ("--target", "p", "finds no credentials"),
        ("--destination", "", "BigQuery needs a project"),  # its older name
    ],
)
def test_bigquery_names_what_is_missing_before_the_crawl(
    run, hub, data, monkeypatch, tmp_path, option, project, told
):
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", project)
    monkeypatch.setenv("HOME", str(tmp_path))  # where gcloud would have left a login
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    for name in ("BIGQUERY_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    code, said = run("load", "--hub", hub, *DAY, option, "bigquery")
    assert (code, told in said) == (1, True), said
    assert not list((data / "landing").rglob("*.zst"))


def test_a_load_that_lost_its_hub_halfway_goes_on_with_another_run(run, data, hub):
    with LocalHubServer(
        RecordFolder(hub), fault=lambda number, path: Fault(status=503) if number > 3 else None
    ) as server:
        code, said = run("load", "--hub", server.endpoint, "--retries", 0)
        assert code == 1
        assert "goes on from this page" in said
        server._fault = lambda number, path: None
        before = len(server.requests)
        code, _ = run("load", "--hub", server.endpoint)
        assert code == 0
        fetched = len(server.requests) - before
    assert fetched == 5 - 3
    assert query(data, "select count(*), count(distinct _id) from hub_raw.models") == [(2300, 2300)]


@pytest.mark.parametrize("after_requests", [2, 4])
def test_a_killed_process_loses_at_most_the_page_in_flight(data, hub, run, after_requests):
    is_beyond = threading.Event()

    def stall(number: int, path: str) -> Fault | None:
        if number <= after_requests:
            return None
        is_beyond.set()
        return Fault(stall_seconds=3_600)

    with LocalHubServer(RecordFolder(hub), fault=stall) as server:
        loader = subprocess.Popen(
            [sys.executable, "-m", "loaders", "load", "--hub", server.endpoint],
            cwd=ROOT,
            env=os.environ,
            stderr=subprocess.DEVNULL,
        )
        assert is_beyond.wait(300)  # so the page before it, of the same kind, is committed
        loader.send_signal(signal.SIGKILL)
        loader.wait()
        server._fault = lambda number, path: None
        code, said = run("load", "--hub", server.endpoint)
        assert code == 0, said
        answered = [r for r in server.requests if r.status == 200]
    assert query(data, "select count(*), count(distinct _id) from hub_raw.models") == [(2300, 2300)]
    assert query(data, "select count(*) from hub_raw.datasets") == [(1100,)]
    # Five pages; one of each kind may have been on its way.
    assert len({r.target for r in answered}) == 5
    assert len(answered) <= 5 + 2


@pytest.mark.parametrize("step", ["extract", "normalize", "load"])
def test_a_load_killed_in_any_step_ends_in_the_same_tables(run, data, hub, tmp_path, step):
    """Killed for real, in the middle of dlt's own steps, over a snapshot that is there already."""
    run("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    before = contents(data)
    killer = (
        "import os, signal, sys, dlt\n"
        f"step = dlt.Pipeline.{step}\n"
        "def killed(self, *arguments, **options):\n"
        "    if self.pipeline_name == 'models':\n"
        f"        {'step(self, *arguments, **options)' if step != 'extract' else 'pass'}\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return step(self, *arguments, **options)\n"
        f"dlt.Pipeline.{step} = killed\n"
        "from loaders.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    arguments = ["load", "--hub", str(hub), "--snapshot-date", "2026-10-15"]
    process = subprocess.run(
        [sys.executable, "-c", killer, *arguments], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    assert process.returncode == -signal.SIGKILL
    code, said = run(*arguments)
    assert code == 0, said
    assert contents(data) == before


@pytest.mark.parametrize(
    ("largest_file", "tag_bytes", "cut_short"),
    [
        (5_000, 100, "hub.duckdb"),
        (50_000, 100, "page-000001.json.zst"),
        (400_000, 100, "hub.duckdb"),
        (200_000, 20, "hub.duckdb.wal"),
    ],
    ids=["a new database", "a page", "a file on its way into the database", "the database"],
)
def test_a_disk_that_filled_up_ends_in_the_same_tables_once_there_is_room(
    run, data, tmp_path, monkeypatch, largest_file, tag_bytes, cut_short
):
    """The kernel refuses to write on, as it does on a full disk, wherever the limit is met."""
    hub = write_records(
        tmp_path / "hub",
        models=(model(n, tags=[os.urandom(tag_bytes).hex()]) for n in range(2_300)),
        datasets=(dataset(n, tags=[os.urandom(tag_bytes).hex()]) for n in range(1_100)),
    )
    with LocalHubServer(RecordFolder(hub)) as server:
        load = ["load", "--hub", server.endpoint, "--snapshot-date", "2026-10-15"]
        process = subprocess.run(
            [*loaders_on_day("2026-10-15"), *load, "--summary", data / "summary.json"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file,) * 2),
        )
        assert process.returncode == 1, process.stderr
        *_, error = process.stderr.splitlines()
        assert error.startswith("error: ")
        assert cut_short in error
        assert "make room" in error.lower()
        assert json.loads((data / "summary.json").read_text())["error"] in error
        with on_day("2026-10-15"):
            code, said = run(*load)
        assert code == 0, said
        after = contents(data)
        monkeypatch.setenv("HUB_DUCKDB_PATH", str(tmp_path / "undisturbed" / "hub.duckdb"))
        run(*load)  # the pages that were landed, on any day
    assert after == contents(tmp_path / "undisturbed")
    assert len(after["models"]) == 2_300


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
