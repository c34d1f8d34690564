"""One run at a time on one Hub in one landing zone.

Two runs would write the same pages, and each would clear away what the other is loading. So a
run first takes a lock: a file ``<root>/<source>.lock/000007.json`` that says who holds it.

A run that stood still for long, on a machine that slept, may find that another one has taken
over. It looks for that with each sign of life and before each step that others see, and stops.

The file with the highest number counts, and is never removed: a run that ends empties it, and
the next run makes the next number. To make a file that is not there yet is the one step that a
folder and a bucket both do for one run alone, so that of two runs that find the lock free, or
find it left behind by a killed run, one gets it: the one whose file turns out to be the highest.
"""

import logging
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
from fsspec.implementations.local import LocalFileSystem

from loaders.errors import LoaderError
from loaders.landing_zone import names_in, open_folder, told_plainly

log = logging.getLogger(__name__)

SECONDS_BETWEEN_SIGNS_OF_LIFE = 60.0
# A run on another machine cannot be looked at. One that gave no sign for so long has ended.
SILENCE_OF_A_DEAD_RUN = timedelta(minutes=10)
SECONDS_BETWEEN_LOOKS_WHILE_WAITING = 30.0


class Holder(msgspec.Struct, frozen=True):
    """Who holds a lock."""

    host: str
    pid: int
    # The PID says something within this only, and of this process only; see _pid_space.
    pid_space: str
    process_started: str | None
    command: str
    since: datetime

    def __str__(self) -> str:
        return (
            f"'{self.command}', process {self.pid} on {self.host}, since "
            f"{self.since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        )


class LockTakenOver(LoaderError):
    """Another run took the lock over from this one, which had given no sign for long."""


class _Newest(NamedTuple):
    number: int  # 0: there has never been a lock
    holder: Holder | None  # None: it is free


@contextmanager
def run_lock(
    root: str, source: str, command: str, *, wait_minutes: float = 0.0
) -> Iterator[Callable[[], None]]:
    """Hold the lock of a source for as long as the block runs.

    The block is given a check, to be called before each step that others see: it raises
    LockTakenOver where this run is to stop. Wherever else the block is then, SIGTERM interrupts
    it, which ``python -m loaders`` takes as Ctrl-C.

    Args:
        root: of the landing zone: a folder or any URL that fsspec knows.
        source: the name of the Hub.
        command: what the run was started with, to be told to others.
        wait_minutes: how long to wait for a run that holds it.

    Raises:
        LoaderError: another run holds it or has taken it over, or the landing zone cannot be
            written.
    """
    lock = _Lock(root, source)
    me = Holder(
        host=socket.gethostname(),
        pid=os.getpid(),
        pid_space=_pid_space(),
        process_started=_process_started(os.getpid()),
        command=command,
        since=datetime.now(UTC),
    )
    with lock.told_plainly():
        number = lock.take(me, wait_minutes)
    ended = threading.Event()
    taken_over: list[LockTakenOver] = []

    def give_signs_of_life() -> None:
        last = time.time()  # the monotonic clock stands still while a machine sleeps
        while not ended.wait(min(1.0, SECONDS_BETWEEN_SIGNS_OF_LIFE)):
            if abs(time.time() - last) < SECONDS_BETWEEN_SIGNS_OF_LIFE:
                continue
            last = time.time()
            try:
                lock.check(number)
                lock.refresh(number, me)
            except LockTakenOver as error:
                taken_over.append(error)
                # Not SIGINT: what a script starts in the background is deaf to that.
                signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)
                return
            except Exception as error:  # the next one may get through
                log.warning("no sign of life could be given: %s", error)

    signs_of_life = threading.Thread(target=give_signs_of_life, daemon=True)
    signs_of_life.start()
    try:
        yield lambda: lock.check(number)
    except (KeyboardInterrupt, LoaderError):
        if not taken_over:
            raise
    finally:
        ended.set()
        signs_of_life.join()
        lock.release(number)
    if taken_over:
        raise taken_over[0]


class _Lock:
    def __init__(self, root: str, source: str) -> None:
        self._source = source
        name = re.sub(r"[^A-Za-z0-9.-]+", "-", source).strip("-")[-100:]
        self._fs, self._folder, _ = open_folder(root, f"{name}.lock")

    def take(self, me: Holder, wait_minutes: float) -> int:
        """Gives the number of the file."""
        until = time.monotonic() + 60 * wait_minutes
        while (newest := self._newest()).holder != me:
            if newest.holder is not None:
                if self._is_running(newest.number, newest.holder):
                    seconds_left = until - time.monotonic()
                    if seconds_left <= 0:
                        raise self._refusal(newest.holder)
                    log.info("waiting for %s: %.1f min left", newest.holder, seconds_left / 60)
                    time.sleep(min(seconds_left, SECONDS_BETWEEN_LOOKS_WHILE_WAITING))
                    continue
                log.warning("going on after %s, which ended unexpectedly", newest.holder)
            try:
                self._create(newest.number + 1, me)
            except FileExistsError:  # another run was faster; or it is ours, sent twice
                continue
        for number in self._numbers():
            if number < newest.number:
                self._fs.rm_file(self._path(number))
        return newest.number

    def told_plainly(self) -> AbstractContextManager[None]:
        return told_plainly(
            f"The lock {self._folder} cannot be read or written",
            "Make room or give the right to do so, then run the same command again.",
        )

    def check(self, number: int) -> None:
        """Raises LockTakenOver: the lock of this number is no longer the newest."""
        with self.told_plainly():
            if max(self._numbers(), default=0) == number:
                return
            holder = self._newest().holder or "one that has ended since"
            raise LockTakenOver(
                f"Another run took over while this one stood still: {holder}. This one stops; what "
                "it had done before counts. Run it again when the other one has ended."
            )

    def refresh(self, number: int, me: Holder) -> None:
        """Give a sign of life: the file's time of change."""
        path = self._path(number)
        if isinstance(self._fs, LocalFileSystem):  # which would write it in two steps
            self._fs.touch(path, truncate=False)
        else:
            self._fs.pipe_file(path, msgspec.json.encode(me))

    def release(self, number: int) -> None:
        """Let the next run go ahead. Emptying a file takes no room on a full disk."""
        try:
            if max(self._numbers(), default=0) == number:  # else it is another run's
                self._fs.pipe_file(self._path(number), b"")
        except Exception as error:  # whatever ended the run matters more
            log.warning("%s cannot be released: %s", self._path(number), error)

    def _newest(self) -> _Newest:
        number = max(self._numbers(), default=0)
        if number == 0:
            return _Newest(0, None)
        try:
            content = self._fs.cat_file(self._path(number))
            return _Newest(number, msgspec.json.decode(content, type=Holder))
        except (FileNotFoundError, msgspec.DecodeError):
            # Released, or made this instant and not written yet: then a higher one makes its
            # maker give way.
            return _Newest(number, None)

    def _numbers(self) -> list[int]:
        self._fs.invalidate_cache(self._folder)  # of what a bucket listed before
        stems = (name.removesuffix(".json") for name in names_in(self._fs, self._folder))
        return [int(stem) for stem in stems if stem.isdecimal()]

    def _create(self, number: int, me: Holder) -> None:
        """Raises FileExistsError: it is there already."""
        path, content = self._path(number), msgspec.json.encode(me)
        if isinstance(self._fs, LocalFileSystem):  # whose pipe_file looks first and writes then
            with self._fs.open(path, "xb") as file:
                file.write(content)
        else:
            self._fs.pipe_file(path, content, mode="create")

    def _is_running(self, number: int, holder: Holder) -> bool:
        if holder.pid_space == _pid_space():
            return _is_running(holder.pid) and holder.process_started == _process_started(
                holder.pid
            )
        try:
            silence = datetime.now(UTC) - self._fs.modified(self._path(number))
        except FileNotFoundError:  # another run has just taken it over: a look at that one decides
            return False
        return silence < SILENCE_OF_A_DEAD_RUN

    def _refusal(self, holder: Holder) -> LoaderError:
        return LoaderError(
            f"Another run works on {self._source} in {self._folder.rpartition('/')[0]}: {holder}. "
            "Nothing was changed. Run this again when that one has ended. Had it died on another "
            f"machine, its lock would end {SILENCE_OF_A_DEAD_RUN.seconds // 60} minutes after its "
            "last sign of life."
        )

    def _path(self, number: int) -> str:
        return f"{self._folder}/{number:06d}.json"


def _pid_space() -> str:
    """Where a PID means the same process: a machine since its start, or a container in it.

    The host's name alone will not do: containers in the cloud are all called the same.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()} {boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:  # no Linux
        return socket.gethostname()


def _process_started(pid: int) -> str | None:
    """Ticks from the machine's start to the process's, so that a PID used again is told apart."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[19]  # the name in brackets may hold anything


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
