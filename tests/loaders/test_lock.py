"""Two runs at once: one works, the other says who does, and none waits for a dead one."""

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import fsspec
import msgspec
import pytest
from gcsfs import GCSFileSystem

from loaders.errors import LoaderError
from loaders.landing import lock
from loaders.landing.lock import Holder, run_lock
from tests.loaders.bucket import Bucket, served

HUB = "https://hub.example"
ELSEWHERE = {"host": "elsewhere", "pid_space": "elsewhere"}
BUCKET = Bucket()


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The address of a bucket."""
    with served(BUCKET) as address:
        yield address


@pytest.fixture(params=["folder", "bucket"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A landing zone of either kind, in which nothing is yet."""
    if request.param == "folder":
        yield str(tmp_path / "landing")
        return
    BUCKET.objects.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", request.getfixturevalue("bucket"))
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


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(lock, "time", clock)
    return clock


def take_over(root: str) -> None:
    """Take over the one lock that there is, as another run does."""
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
        assert f"To end it first: kill {os.getpid()} on " in str(refusal.value)
        assert files(root) == before


def test_another_hub_in_the_same_landing_zone_is_not_locked(root):
    with run_lock(root, HUB, "load"), run_lock(root, "sample", "load"):
        pass


def test_the_lock_ends_with_the_run_however_that_ends(root):
    with run_lock(root, HUB, "load"):
        pass
    for error in (LoaderError, KeyboardInterrupt, SystemExit):
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
    look = lock._Lock._look
    other = run_lock(root, HUB, "the other")

    def look_early(self: lock._Lock) -> tuple[list[int], Holder | None]:
        seen = look(self)
        if self._me.command == "the late one":
            monkeypatch.undo()
            if is_released_since:  # so that the number that the late one goes for is free again
                with run_lock(root, HUB, "one that has ended"):
                    pass
            other.__enter__()
        return seen

    monkeypatch.setattr(lock._Lock, "_look", look_early)
    with pytest.raises(LoaderError, match="'the other'"), run_lock(root, HUB, "the late one"):
        raise AssertionError("both hold it")
    other.__exit__(None, None, None)


def test_a_run_that_finds_a_silent_one_replaced_that_instant_is_told_by_whom(root, monkeypatch):
    leave_behind(root, timedelta(minutes=11), **ELSEWHERE)
    is_running = lock._Lock._is_running
    other = run_lock(root, HUB, "the other")

    def look_late(self: lock._Lock, holder: Holder, path: str) -> bool:
        monkeypatch.undo()
        other.__enter__()
        return is_running(self, holder, path)

    monkeypatch.setattr(lock._Lock, "_is_running", look_late)
    with pytest.raises(LoaderError, match="'the other'"), run_lock(root, HUB, "the late one"):
        raise AssertionError("both hold it")
    other.__exit__(None, None, None)


def test_the_lock_of_a_dead_run_of_this_machine_is_taken_over_at_once(root):
    leave_behind(root, pid=ended_process())
    with run_lock(root, HUB, "the next"):
        pass
    leave_behind(root, process_started="1")  # its number was given to another process
    with run_lock(root, HUB, "the next"):
        pass
    with subprocess.Popen(["true"]) as zombie:
        started = Path(f"/proc/{zombie.pid}/stat").read_text().rpartition(")")[2].split()[19]
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        leave_behind(root, pid=zombie.pid, process_started=started)
        with run_lock(root, HUB, "the next"):
            pass


@pytest.mark.parametrize("machine", ["another", "one that does not tell its processes"])
def test_a_run_that_cannot_be_looked_at_is_believed_until_it_has_been_silent_for_long(
    root, monkeypatch, machine
):
    if machine != "another":
        monkeypatch.setattr(lock, "pid_space", lambda: "")
    left = (ELSEWHERE if machine == "another" else {}) | {"pid": ended_process()}
    leave_behind(root, timedelta(minutes=9), **left)
    with pytest.raises(LoaderError, match="10 minutes after its last heartbeat"):
        run_lock(root, HUB, "the next").__enter__()
    [(number, content)] = files(root).items()
    write(root, number, content, timedelta(minutes=11))
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
    leave_behind(root, timedelta(minutes=9), **ELSEWHERE)
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
