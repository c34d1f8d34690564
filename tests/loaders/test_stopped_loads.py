"""Loads that stop halfway: the next one goes on, and ends in the same tables."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

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
