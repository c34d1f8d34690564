"""One run at a time on one Hub in one landing zone.

Two runs would write the same pages, and each would clear away what the other is loading. So a
run first takes a lock: a file ``<root>/<source>.lock/000007.json`` that says who holds it.

The file with the highest number counts, and is never removed: a run that ends empties it, and
the next run makes the next number. To make a file that is not there yet is the one step that a
folder and a bucket both do for one run alone, so that of two runs that find the lock free, or
find it left behind by a killed run, one gets it: the one whose file turns out to be the highest.

A run that stood still for long, on a machine that slept, may find that another one has taken
over. It looks before each step that others see, and stops; what that defends against, and what
it cannot, is in docs/decisions/0007-what-the-lock-defends-against.md.
"""

import logging
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec
from fsspec.implementations.local import LocalFileSystem

from loaders.errors import LoaderError
from loaders.landing import processes
from loaders.landing.storage import names_in, open_folder, wrap_storage_errors

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 60.0
# A run on another machine cannot be looked at. One without a heartbeat for so long has ended.
SILENCE_OF_A_DEAD_RUN = timedelta(minutes=10)
SECONDS_BETWEEN_LOOKS_WHILE_WAITING = 30.0


class Holder(msgspec.Struct, frozen=True):
    """Who holds a lock."""

    host: str
    pid: int
    # The PID says something within this only, and of this process only; see processes.pid_space.
    pid_space: str
    process_started: str | None
    command: str
    since: datetime
    parent: int | None = None  # the PID of the process that started it, such as make

    def __str__(self) -> str:
        return (
            f"'{self.command}', process {self.pid} on {self.host}, since "
            f"{self.since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        )


class LockTakenOver(LoaderError):
    """Another run took the lock over from this one, whose heartbeat had stopped for long."""


class _Newest(NamedTuple):
    number: int  # 0: there has never been a lock
    holder: Holder | None  # None: it is free


@contextmanager
def run_lock(
    root: str, source: str, command: str, *, wait_minutes: float = 0.0
) -> Iterator[Callable[[], None]]:
    """Hold the lock of a source for as long as the block runs.

    The block is given a check, to be called before each step that others see: it raises
    LockTakenOver where this run is to stop.

    Args:
        root: of the landing zone: a folder or any URL that fsspec knows.
        source: the name of the Hub.
        command: what the run was started with, to be told to others.
        wait_minutes: how long to wait for a run that holds it.

    Raises:
        LoaderError: another run holds it, or the landing zone cannot be written.
    """
    lock = _Lock(root, source, command)
    with lock.wrap_errors():
        lock.take(wait_minutes)
    ended = threading.Event()
    heartbeat = threading.Thread(target=lock.keep_alive, args=(ended,), daemon=True)
    heartbeat.start()
    try:
        yield lock.check
    finally:
        ended.set()
        heartbeat.join()
        lock.release()


class _Lock:
    def __init__(self, root: str, source: str, command: str) -> None:
        self._source = source
        name = re.sub(r"[^A-Za-z0-9.-]+", "-", source).strip("-")[-100:]
        self._fs, self._folder, _ = open_folder(root, f"{name}.lock")
        self._number = 0
        self._me = Holder(
            host=socket.gethostname(),
            pid=os.getpid(),
            pid_space=processes.pid_space(),
            process_started=processes.look(os.getpid()).started,
            command=command,
            since=datetime.now(UTC),
            parent=os.getppid(),
        )

    def take(self, wait_minutes: float) -> None:
        until = time.monotonic() + 60 * wait_minutes
        while (newest := self._newest()).holder != self._me:
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
                self._create(newest.number + 1)
            except FileExistsError:  # another run was faster; or it is ours, sent twice
                continue
        self._number = newest.number
        for number in self._numbers():
            if number < newest.number:
                self._fs.rm_file(self._path(number))

    def wrap_errors(self) -> AbstractContextManager[None]:
        return wrap_storage_errors(
            f"The lock {self._folder} cannot be read or written",
            "Make room or give the right to do so, then run the same command again.",
        )

    def check(self) -> None:
        """Raise LockTakenOver where the newest lock is no longer this run's."""
        with self.wrap_errors():
            newest = self._newest()
        if newest.holder != self._me:
            raise LockTakenOver(
                "Another run took over while this one stood still: "
                f"{newest.holder or 'one that has ended since'}. This one stops; what "
                "it had done before counts. Run it again when the other one has ended."
            )

    def keep_alive(self, ended: threading.Event) -> None:
        """Show others, until the run has ended or lost the lock, that it still runs.

        Looked at by the clock on the wall and every second: the monotonic clock stands still
        while a machine sleeps.
        """
        last = time.time()
        while not ended.wait(min(1.0, HEARTBEAT_SECONDS)):
            if abs(time.time() - last) < HEARTBEAT_SECONDS:
                continue
            last = time.time()
            try:
                self.check()
                self._touch()
            except LockTakenOver as error:  # which the run finds out at its next step
                log.warning("%s", error)
                return
            except Exception as error:  # the next one may get through
                log.warning("no heartbeat: %s", error)

    def release(self) -> None:
        """Let the next run go ahead. Emptying a file takes no room on a full disk."""
        try:
            if self._newest().holder == self._me:  # else it is another run's
                self._fs.pipe_file(self._path(self._number), b"")
        except Exception as error:  # whatever ended the run matters more
            log.warning("%s cannot be released: %s", self._path(self._number), error)

    def _touch(self) -> None:
        """Set the time at which the file was changed."""
        path = self._path(self._number)
        if isinstance(self._fs, LocalFileSystem):  # which would write it in two steps
            self._fs.touch(path, truncate=False)
        else:
            self._fs.pipe_file(path, msgspec.json.encode(self._me))

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

    def _create(self, number: int) -> None:
        """Raises FileExistsError: it is there already."""
        path, content = self._path(number), msgspec.json.encode(self._me)
        if isinstance(self._fs, LocalFileSystem):  # whose pipe_file looks first and writes then
            with self._fs.open(path, "xb") as file:
                file.write(content)
        else:
            self._fs.pipe_file(path, content, mode="create")

    def _is_running(self, number: int, holder: Holder) -> bool:
        if holder.pid_space == processes.pid_space():
            return processes.is_running(holder.pid, holder.process_started)
        try:
            silence = datetime.now(UTC) - self._fs.modified(self._path(number))
        except FileNotFoundError:  # another run has just taken it over: a look at that one decides
            return False
        return bool(silence < SILENCE_OF_A_DEAD_RUN)

    def _refusal(self, holder: Holder) -> LoaderError:
        refused = (
            f"Another run works on {self._source} in {self._folder.rpartition('/')[0]}: {holder}. "
            "Nothing was changed. Run this again when that one has ended"
        )
        if holder.pid_space != processes.pid_space():
            minutes = SILENCE_OF_A_DEAD_RUN.seconds // 60
            return LoaderError(
                f"{refused}. Should it have died on another machine, its lock ends {minutes} "
                "minutes after its last heartbeat."
            )
        parent = processes.look(holder.pid).parent
        if None not in (parent, holder.parent) and parent != holder.parent:
            refused += f"; process {holder.parent}, which started it, has ended without it"
        return LoaderError(f"{refused}. To end it first: kill {holder.pid}")

    def _path(self, number: int) -> str:
        return f"{self._folder}/{number:06d}.json"
