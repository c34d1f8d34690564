"""Commands that meet another run: none works beside it, and none goes on once it took over."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loaders.warehouse.decoding import SnapshotDecoder
from loaders.warehouse.raw_tables import RawTables
from simulator import LocalHubServer, RecordFolder
from tests.loaders.conftest import contents, dataset, model, query, write_records
from tests.loaders.test_lock import take_over

ROOT = Path(__file__).parents[2]


@pytest.fixture
def crawling(tmp_path: Path, data: Path) -> Iterator[tuple[str, Any, threading.Event]]:
    """A Hub that keeps back its second pages until told, and a process that loads it."""
    folder = write_records(
        tmp_path / "hub",
        models=(model(n) for n in range(1_100)),
        datasets=(dataset(n) for n in range(1_100)),
    )
    answering = threading.Event()

    def hold_back(number: int, path: str) -> None:
        if "cursor" in path:
            answering.wait()

    with (
        LocalHubServer(RecordFolder(folder), fault=hold_back) as server,
        subprocess.Popen(
            [sys.executable, "-m", "loaders", "load", "--hub", server.endpoint],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as load,
    ):
        try:
            while len(list(data.rglob("*.manifest.json"))) < 2:
                assert load.poll() is None, load.communicate()[0]
                time.sleep(0.02)
            yield server.endpoint, load, answering
        finally:
            answering.set()
            load.kill()


def test_each_command_that_writes_stops_at_a_running_load_until_that_is_killed(
    run, data, crawling, monkeypatch, tmp_path
):
    endpoint, load, answering = crawling
    before = {path for path in data.rglob("*") if path.is_file()}
    with monkeypatch.context() as patch:
        patch.setenv("HUB_DUCKDB_PATH", str(tmp_path / "another.duckdb"))
        for command in ("load", "parameters", "details"):
            code, said = run(command, "--hub", endpoint, "--wait-for-lock", "0.001")
            assert code == 1
            assert "waiting for 'python -m loaders load " in said
            assert f"'python -m loaders load --hub {endpoint}', process {load.pid} on " in said
        assert {path for path in data.rglob("*") if path.is_file()} == before
        assert not (tmp_path / "another.duckdb").exists()
        code, said = run("load", "--hub", endpoint, "--dry-run")
        assert code == 0, said
    load.kill()
    load.communicate()
    answering.set()
    code, said = run("load", "--hub", endpoint)
    assert code == 0, said
    assert f"process {load.pid} on " in said
    assert "ended unexpectedly" in said


def test_a_load_that_is_stopped_releases_its_lock_and_says_so(run, crawling):
    endpoint, load, answering = crawling
    load.send_signal(signal.SIGTERM)
    answering.set()  # it waits for the page under way
    said, _ = load.communicate()
    assert load.returncode == 130
    assert "stopped; run the same command again" in said
    assert "Traceback" not in said
    code, said = run("load", "--hub", endpoint)
    assert code == 0
    assert "ended unexpectedly" not in said


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A Hub that is loaded in a moment, and one page of each kind."""
    return write_records(
        tmp_path / "hub", models=[model(1, pipeline_tag="text-generation")], datasets=[dataset(1)]
    )


def test_no_page_is_kept_once_another_run_has_taken_over(run, data, hub):
    turn, is_taken = threading.Lock(), []

    def late(number: int, path: str) -> None:
        with turn:  # no page of either listing is sent before the other run has taken over
            if not is_taken:
                is_taken.append(take_over(str(data / "landing")))

    with LocalHubServer(RecordFolder(hub), fault=late) as server:
        code, said = run("load", "--hub", server.endpoint)
    assert code == 1
    assert "error: Another run took over while this one stood still: " in said
    assert "Traceback" not in said
    assert not list(data.rglob("page-*"))
    assert not list(data.rglob("snapshot.json"))


def test_no_answer_is_kept_or_loaded_once_another_run_has_taken_over(run, data, hub, monkeypatch):
    with LocalHubServer(RecordFolder(hub)) as server:
        assert run("load", "--hub", server.endpoint)[0] == 0
        server._fault = lambda number, path: take_over(str(data / "landing"))
        code, said = run("details", "--hub", server.endpoint)
        assert (code, "Another run took over" in said) == (1, True)
        assert not list(data.rglob("*.jsonl"))
        server._fault = lambda number, path: None
        append = RawTables.append

        def late(self: RawTables, *arguments: Any) -> None:
            take_over(str(data / "landing"))
            append(self, *arguments)

        monkeypatch.setattr(RawTables, "append", late)
        code, said = run("details", "--hub", server.endpoint)
    assert (code, "Another run took over" in said) == (1, True)
    assert query(data, "select * from hub_raw.model_details") == []


def test_no_row_is_replaced_or_registered_once_another_run_has_taken_over(
    run, data, hub, monkeypatch
):
    load = ("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    assert run(*load)[0] == 0
    before = contents(data)
    for step in ("_delete_snapshot", "_register_snapshot"):
        of_this_run = getattr(RawTables, step)

        def late(self: RawTables, *arguments: object, step=of_this_run) -> None:
            take_over(str(data / "landing"))
            step(self, *arguments)

        with monkeypatch.context() as patch:
            patch.setattr(RawTables, step, late)
            code, said = run(*load)
        assert (code, "Another run took over" in said) == (1, True)
        if step == "_delete_snapshot":
            assert contents(data) == before
        else:  # what is there, nobody reads
            assert query(data, "select kind from hub_raw.snapshots") == [("datasets",)]


def test_a_load_that_is_stopped_while_its_rows_are_loaded_is_told_as_stopped(run, hub, monkeypatch):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(SnapshotDecoder, "decode", stop)
        code, said = run("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    assert code == 130, said
    assert "stopped; run the same command again" in said
    code, said = run("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    assert (code, "ended unexpectedly" in said) == (0, False)
