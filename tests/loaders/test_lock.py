"""Two runs at once: one works, the other says who does, and none waits for a dead one."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import fsspec
import msgspec
import pytest
from gcsfs import GCSFileSystem

from loaders.errors import LoaderError
from loaders.landing import lock, processes
from loaders.landing.lock import Holder, run_lock
from loaders.warehouse.decoding import SnapshotDecoder
from loaders.warehouse.raw_tables import RawTables
from simulator import LocalHubServer, RecordFolder
from tests.loaders.bucket import Bucket, served
from tests.loaders.conftest import contents, dataset, model, query, write_records

ROOT = Path(__file__).parents[2]
HUB = "https://hub.example"


BUCKET = Bucket()


@pytest.fixture(params=["folder", "bucket"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A landing zone of either kind, in which nothing is yet."""
    if request.param == "folder":
        yield str(tmp_path / "landing")
        return
    BUCKET.objects.clear()
    with served(BUCKET) as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", address)
        patch.setitem(fsspec.config.conf, "gs", {"token": "anon"})
        GCSFileSystem.clear_instance_cache()
        yield "gs://bucket/landing"
        GCSFileSystem.clear_instance_cache()


def files(root: str) -> dict[int, bytes]:
    """The files of the lock by number."""
    fs, path = fsspec.core.url_to_fs(root)
    fs.invalidate_cache()  # of what a bucket listed before
    folder = f"{path}/https-hub.example.lock"
    return {int(Path(name).stem): fs.cat_file(name) for name in fs.ls(folder, detail=False)}


def leave_behind(root: str, silent_for: timedelta = timedelta(0), **changes: object) -> None:
    """A lock as a killed run leaves it."""
    with run_lock(root, HUB, "the run that was killed"):
        (number, content), *_ = files(root).items()
    holder = msgspec.structs.replace(msgspec.json.decode(content, type=Holder), **changes)
    write(root, number, msgspec.json.encode(holder), silent_for)


def write(root: str, number: int, content: bytes, silent_for: timedelta) -> None:
    """A file of the lock that was last changed so long ago."""
    fs, path = fsspec.core.url_to_fs(root)
    name = f"{path}/https-hub.example.lock/{number:06d}.json"
    then = datetime.now(UTC) - silent_for
    if root.startswith("gs:"):
        BUCKET.put(name.removeprefix("bucket/"), content, then)
    else:
        fs.pipe_file(name, content)
        os.utime(name, (then.timestamp(), then.timestamp()))


class Clock:
    """Time as a lock sees it: it passes when somebody sleeps, and at once.

    Attributes:
        on_sleep: called each time, before the time has passed.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.on_sleep: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        self.on_sleep()
        self.now += seconds

    def monotonic(self) -> float:
        return self.now

    time = monotonic


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(lock, "time", clock)
    return clock


def take_over(root: str) -> None:
    """What is left of another run that took over the one lock that there is."""
    fs, path = fsspec.core.url_to_fs(root)
    fs.invalidate_cache()
    (newest,) = fs.glob(f"{path}/*.lock/*.json")
    fs.pipe_file(f"{newest.rpartition('/')[0]}/{int(Path(newest).stem) + 1:06d}.json", b"")


def ended_process() -> int:
    with subprocess.Popen(["true"]) as process:
        return process.pid


def test_the_second_run_is_told_who_holds_the_lock(root):
    with run_lock(root, HUB, "load of the first"):
        before = files(root)
        with pytest.raises(LoaderError) as refusal, run_lock(root, HUB, "load of the second"):
            raise AssertionError("both hold it")
        assert f"'load of the first', process {os.getpid()} on " in str(refusal.value)
        assert "Nothing was changed" in str(refusal.value)
        assert files(root) == before


def test_another_hub_in_the_same_landing_zone_is_not_locked(root):
    with run_lock(root, HUB, "load"), run_lock(root, "sample", "load"):
        pass


@pytest.mark.parametrize("error", [None, LoaderError, KeyboardInterrupt, SystemExit])
def test_the_lock_ends_with_the_run_however_that_ends(root, error):
    if error is None:
        with run_lock(root, HUB, "load"):
            pass
    else:
        with pytest.raises(error), run_lock(root, HUB, "load"):
            raise error
    with run_lock(root, HUB, "the next"):
        assert len(files(root)) == 1


def test_of_many_runs_at_the_same_instant_one_gets_the_lock(root):
    runs = 8
    for _ in range(5):
        start, end = threading.Barrier(runs), threading.Event()

        def take(number: int, start=start, end=end) -> bool:
            start.wait()
            try:
                with run_lock(root, HUB, f"run {number}"):
                    end.wait()
                    return True
            except LoaderError:
                return False

        with ThreadPoolExecutor(runs) as pool:
            results = [pool.submit(take, number) for number in range(runs)]
            try:
                refused = list(islice(as_completed(results, timeout=120), runs - 1))
            finally:
                end.set()
        assert not any(result.result() for result in refused)
        assert sum(result.result() for result in results) == 1
        leave_behind(root, pid=ended_process())  # so that the next round has one to take over


@pytest.mark.parametrize("is_released_since", [False, True])
def test_a_run_that_looked_before_others_took_the_lock_does_not_get_it_too(
    root, monkeypatch, is_released_since
):
    create = lock._Lock._create
    other = run_lock(root, HUB, "the other")

    def create_late(self: lock._Lock, number: int) -> None:
        if self._me.command == "the late one":
            if is_released_since:  # so that the number that the late one goes for is free again
                with run_lock(root, HUB, "one that has ended"):
                    pass
            other.__enter__()
        create(self, number)

    monkeypatch.setattr(lock._Lock, "_create", create_late)
    with pytest.raises(LoaderError, match="'the other'"), run_lock(root, HUB, "the late one"):
        raise AssertionError("both hold it")
    other.__exit__(None, None, None)


def test_a_run_that_finds_a_silent_one_replaced_that_instant_is_told_by_whom(root, monkeypatch):
    leave_behind(root, timedelta(minutes=11), host="elsewhere", pid_space="elsewhere")
    is_running = lock._Lock._is_running
    other = run_lock(root, HUB, "the other")

    def look_late(self: lock._Lock, number: int, holder: Holder) -> bool:
        monkeypatch.undo()
        other.__enter__()
        return is_running(self, number, holder)

    monkeypatch.setattr(lock._Lock, "_is_running", look_late)
    with pytest.raises(LoaderError, match="'the other'"), run_lock(root, HUB, "the late one"):
        raise AssertionError("both hold it")
    other.__exit__(None, None, None)


def test_the_lock_of_a_dead_process_of_this_machine_is_taken_over_at_once(root):
    leave_behind(root, pid=ended_process())
    with run_lock(root, HUB, "the next"):
        pass


def test_a_process_id_that_came_back_is_not_taken_for_the_dead_run(root):
    leave_behind(root, process_started="1")
    with run_lock(root, HUB, "the next"):
        pass


def test_a_run_on_another_machine_is_believed_until_it_has_been_silent_for_long(root):
    elsewhere = {"host": "elsewhere", "pid_space": "elsewhere", "pid": ended_process()}
    leave_behind(root, timedelta(minutes=9), **elsewhere)
    with pytest.raises(LoaderError, match="on elsewhere"), run_lock(root, HUB, "the next"):
        pass
    fs, path = fsspec.core.url_to_fs(root)
    fs.rm(f"{path}/https-hub.example.lock", recursive=True)
    leave_behind(root, timedelta(minutes=11), **elsewhere)
    with run_lock(root, HUB, "the next"):
        pass


class Ended:
    """The end of a run that comes after so many beats of its heart; it is waited for in vain."""

    def __init__(self, beats: int) -> None:
        self._beats = beats

    def wait(self, seconds: float) -> bool:
        self._beats -= 1
        return self._beats < 0


def test_a_heartbeat_keeps_a_long_run_from_being_taken_for_dead(root, monkeypatch):
    monkeypatch.setattr(lock, "HEARTBEAT_SECONDS", 0.0)
    fs, path = fsspec.core.url_to_fs(root)
    run = lock._Lock(root, HUB, "load")
    run.take(0)
    [(number, content)] = files(root).items()
    write(root, number, content, timedelta(minutes=9))
    run.keep_alive(Ended(beats=1))
    fs.invalidate_cache()
    age = datetime.now(UTC) - fs.modified(f"{path}/https-hub.example.lock/{number:06d}.json")
    assert age < timedelta(minutes=8)
    assert files(root) == {number: content}


def test_a_heartbeat_leaves_the_lock_of_another_run_alone(root, monkeypatch, caplog):
    monkeypatch.setattr(lock, "HEARTBEAT_SECONDS", 0.0)
    run = lock._Lock(root, HUB, "the one that slept")
    run.take(0)
    take_over(root)
    before = files(root)
    run.keep_alive(Ended(beats=1_000_000))  # it ends at once: this run has lost
    assert "Another run took over" in caplog.text
    run.release()
    assert files(root) == before


def test_a_run_that_waits_goes_on_when_the_other_ends(root, clock, caplog):
    caplog.set_level("INFO")
    with ExitStack() as other:
        other.enter_context(run_lock(root, HUB, "the other"))
        clock.on_sleep = other.close
        with run_lock(root, HUB, "the one that waits", wait_minutes=1):
            pass
    assert "waiting for 'the other'" in caplog.text
    assert "1.0 min left" in caplog.text


def test_a_run_that_waits_goes_on_when_a_dead_one_elsewhere_has_been_silent_for_long(root, clock):
    leave_behind(root, timedelta(minutes=9), host="elsewhere", pid_space="elsewhere")
    [(number, content)] = files(root).items()
    clock.on_sleep = lambda: write(root, number, content, timedelta(minutes=11))
    with run_lock(root, HUB, "the next", wait_minutes=1):
        pass
    assert clock.now == lock.SECONDS_BETWEEN_LOOKS_WHILE_WAITING


def test_a_run_waits_no_longer_than_it_was_told(root, clock):
    with (
        run_lock(root, HUB, "the other"),
        pytest.raises(LoaderError, match="'the other'"),
        run_lock(root, HUB, "the one that waits", wait_minutes=0.75),
    ):
        raise AssertionError("both hold it")
    assert clock.now == 45


def test_a_dead_process_that_nobody_asked_after_holds_no_lock(root):
    with subprocess.Popen(["true"]) as zombie:
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        leave_behind(root, pid=zombie.pid, process_started=started_at(zombie.pid))
        with run_lock(root, HUB, "the next"):
            pass


def started_at(pid: int) -> str:
    """What ``Holder.process_started`` was when the process still ran."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def test_a_run_that_outlived_what_started_it_is_named_with_how_to_end_it(root):
    leave_behind(root, parent=(dead := ended_process()))
    with pytest.raises(LoaderError) as refusal, run_lock(root, HUB, "the next"):
        raise AssertionError("both hold it")
    assert f"process {dead}, which started it, has ended without it" in str(refusal.value)
    assert str(refusal.value).endswith(f"To end it first: kill {os.getpid()}")


def test_a_run_beside_what_started_it_is_no_orphan(root):
    with (
        run_lock(root, HUB, "load"),
        pytest.raises(LoaderError) as refusal,
        run_lock(root, HUB, "the next"),
    ):
        raise AssertionError("both hold it")
    assert "which started it" not in str(refusal.value)


def test_where_no_system_says_what_started_a_run_nobody_is_called_an_orphan(root, monkeypatch):
    monkeypatch.setattr(processes, "look", lambda pid: processes.Process())
    leave_behind(root, parent=ended_process(), process_started=None)
    with pytest.raises(LoaderError) as refusal, run_lock(root, HUB, "the next"):
        raise AssertionError("both hold it")
    assert "which started it" not in str(refusal.value)


@pytest.mark.parametrize("is_renumbered", [False, True])
def test_a_run_whose_lock_is_another_ones_is_told_so(root, is_renumbered):
    fs, path = fsspec.core.url_to_fs(root)
    leave_behind(root, pid=ended_process())
    with run_lock(root, HUB, "the one that stood still") as check:
        check()
        if is_renumbered:  # somebody removed the folder of the lock by hand
            fs.rm(f"{path}/https-hub.example.lock", recursive=True)
            with run_lock(root, HUB, "the other"):
                pass
        else:
            take_over(root)
        left = files(root)
        with pytest.raises(LoaderError, match=r"took over .*: one that has ended since"):
            check()
    assert files(root) == left  # the lock of the other one is not this one's to release


@pytest.fixture
def crawling(
    tmp_path: Path, data: Path
) -> Iterator[tuple[LocalHubServer, Callable[[], subprocess.Popen[str]], threading.Event]]:
    """A Hub that keeps back its second pages until told; a function that starts a load of it."""
    folder = write_records(
        tmp_path / "hub",
        models=(model(n) for n in range(1_100)),
        datasets=(dataset(n) for n in range(1_100)),
    )
    processes: list[subprocess.Popen[str]] = []
    answering = threading.Event()

    def hold_back(number: int, path: str) -> None:
        if "cursor" in path:
            answering.wait()

    with LocalHubServer(RecordFolder(folder), fault=hold_back) as server:

        def start() -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-m", "loaders", "load", "--hub", server.endpoint],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            processes.append(process)
            while len(list(data.rglob("*.manifest.json"))) < 2:
                time.sleep(0.02)
            return process

        try:
            yield server, start, answering
        finally:
            answering.set()
            for process in processes:
                process.kill()
                process.wait()
                process.stdout.close()


def test_each_command_that_writes_stops_at_a_running_load_and_changes_nothing(
    run, data, crawling, monkeypatch, tmp_path
):
    server, start, _ = crawling
    loader = start()
    before = {path for path in data.rglob("*") if path.is_file()}
    monkeypatch.setenv("HUB_DUCKDB_PATH", str(tmp_path / "another.duckdb"))
    for command in ("load", "parameters", "details"):
        code, said = run(command, "--hub", server.endpoint, "--wait-for-lock", "0.001")
        assert code == 1
        assert "waiting for 'python -m loaders load " in said
        assert f"process {loader.pid} on " in said
        assert f"'python -m loaders load --hub {server.endpoint}'" in said
    assert {path for path in data.rglob("*") if path.is_file()} == before
    assert not (tmp_path / "another.duckdb").exists()
    code, said = run("load", "--hub", server.endpoint, "--dry-run")
    assert code == 0, said


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_load_that_is_stopped_releases_its_lock_and_says_so(run, crawling, how):
    server, start, answering = crawling
    loader = start()
    loader.send_signal(how)
    said, _ = loader.communicate()
    assert loader.returncode == 130
    assert "stopped; run the same command again" in said
    assert "Traceback" not in said
    answering.set()
    code, said = run("load", "--hub", server.endpoint)
    assert code == 0
    assert "ended unexpectedly" not in said


def test_a_load_that_was_killed_does_not_lock_out_the_next(run, crawling):
    server, start, answering = crawling
    loader = start()
    loader.kill()
    loader.communicate()
    answering.set()
    code, said = run("load", "--hub", server.endpoint)
    assert code == 0, said
    assert f"process {loader.pid} on " in said
    assert "ended unexpectedly" in said


def test_a_load_that_slept_while_another_run_took_over_stops_when_it_wakes(run, data, crawling):
    server, start, answering = crawling
    loader = start()
    loader.send_signal(signal.SIGSTOP)
    (name,) = data.glob("landing/*.lock/*.json")
    holder = msgspec.json.decode(name.read_bytes(), type=Holder)
    elsewhere = msgspec.structs.replace(holder, host="elsewhere", pid_space="elsewhere")
    name.write_bytes(msgspec.json.encode(elsewhere))
    long_ago = time.time() - 660
    os.utime(name, (long_ago, long_ago))
    with run_lock(str(data / "landing"), server.endpoint, "the other"):
        before = {path for path in data.rglob("*") if path.is_file()}
        loader.send_signal(signal.SIGCONT)
        answering.set()
        said, _ = loader.communicate()
        assert loader.returncode == 1, said
        assert "error: Another run took over while this one stood still: 'the other', " in said
        assert "Traceback" not in said
        assert {path for path in data.rglob("*") if path.is_file()} == before
    code, said = run("load", "--hub", server.endpoint)
    assert code == 0, said


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
    assert "Another run took over" in said
    assert not list(data.rglob("page-*"))
    assert not list(data.rglob("snapshot.json"))


def test_no_answer_is_kept_once_another_run_has_taken_over(run, data, hub):
    with LocalHubServer(RecordFolder(hub)) as server:
        assert run("load", "--hub", server.endpoint)[0] == 0
        server._fault = lambda number, path: take_over(str(data / "landing"))
        code, said = run("details", "--hub", server.endpoint)
    assert code == 1
    assert "Another run took over" in said
    assert not list(data.rglob("*.jsonl"))


@pytest.mark.parametrize("step", ["_delete_snapshot", "_register_snapshot"])
def test_no_row_is_replaced_or_named_once_another_run_has_taken_over(
    run, data, hub, monkeypatch, step
):
    assert run("load", "--hub", hub, "--snapshot-date", "2026-10-15")[0] == 0
    before = contents(data)
    step_of_this_run = getattr(RawTables, step)

    def late(self: RawTables, *arguments: object) -> None:
        take_over(str(data / "landing"))
        step_of_this_run(self, *arguments)

    monkeypatch.setattr(RawTables, step, late)
    code, said = run("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    assert code == 1
    assert "Another run took over" in said
    if step == "_delete_snapshot":
        assert contents(data) == before
    else:  # what is there, nobody reads
        assert query(data, "select kind from hub_raw.snapshots") == [("datasets",)]


def test_no_answer_is_loaded_once_another_run_has_taken_over(run, data, hub, monkeypatch):
    with LocalHubServer(RecordFolder(hub)) as server:
        assert run("load", "--hub", server.endpoint)[0] == 0
        append = RawTables.append

        def late(self: RawTables, *arguments: Any) -> None:
            take_over(str(data / "landing"))
            append(self, *arguments)

        monkeypatch.setattr(RawTables, "append", late)
        code, said = run("details", "--hub", server.endpoint)
    assert code == 1
    assert "Another run took over" in said
    assert query(data, "select * from hub_raw.model_details") == []


def test_a_load_that_is_stopped_while_its_rows_are_loaded_is_told_as_stopped(run, hub, monkeypatch):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(SnapshotDecoder, "decode", stop)
    code, said = run("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    assert code == 130, said
    assert "stopped; run the same command again" in said
