"""One run at a time on one Hub in one landing zone.

The lock is a file ``<root>/<source>.lock/000007.json`` that says who holds it. The one with the
highest number counts, and is never removed: a run that ends empties it, and the next run makes the
next number. To make a file that is not there yet is the one step that a folder and a bucket both do
for one run alone, so that of two runs that find the lock free, or left behind by a killed run, one
gets it: the one whose file turns out to be the highest.

A run looks before each step that others see whether the lock is still its own. What all this
defends against is in docs/decisions/0007-what-the-lock-defends-against.md.
"""

import logging
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta

import msgspec
from fsspec.implementations.local import LocalFileSystem

from loaders.errors import LoaderError
from loaders.landing.processes import pid_space, started
from loaders.landing.storage import names_in, open_folder, wrap_storage_errors

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 60.0
# A run on another machine cannot be looked at. One without a heartbeat for so long has ended.
SILENCE_OF_A_DEAD_RUN = timedelta(minutes=10)
SECONDS_BETWEEN_LOOKS_WHILE_WAITING = 30.0


class Holder(msgspec.Struct, frozen=True):
    """The run that holds a lock."""

    host: str
    pid: int
    pid_space: str  # within which the PID says something, and with process_started of one process
    process_started: str | None
    command: str
    since: datetime

    def __str__(self) -> str:
        return (
            f"'{self.command}', process {self.pid} on {self.host}, since "
            f"{self.since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        )


class LockTakenOverError(LoaderError):
    """Another run took the lock over from this one, whose heartbeat had stopped for long."""


@contextmanager
def run_lock(
    root: str, source: str, command: str, *, wait_minutes: float = 0.0
) -> Iterator[Callable[[], None]]:
    """Hold the lock of a source for as long as the block runs.

    The block is given a check, to be called before each step that others see: it raises
    LockTakenOverError where this run is to stop.

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
        self._path = ""
        pid, now = os.getpid(), datetime.now(UTC)
        self._me = Holder(socket.gethostname(), pid, pid_space(), started(pid), command, now)

    def take(self, wait_minutes: float) -> None:
        until = time.monotonic() + 60 * wait_minutes
        while True:
            numbers, holder = self._look()
            if holder == self._me:
                break
            newest = numbers[-1] if numbers else 0
            if holder and self._is_running(holder, self._file(newest)):
                self._wait(holder, until - time.monotonic())
                continue
            if holder:
                log.warning("going on after %s, which ended unexpectedly", holder)
            with suppress(FileExistsError):  # another run was faster; or it is ours, sent twice
                self._create(self._file(newest + 1), msgspec.json.encode(self._me))
        *older, newest = numbers
        self._path = self._file(newest)
        for number in older:
            self._fs.rm_file(self._file(number))

    def wrap_errors(self) -> AbstractContextManager[None]:
        return wrap_storage_errors(
            f"The lock {self._folder} cannot be read or written",
            "Make room or give the right to do so, then run the same command again.",
        )

    def check(self) -> None:
        """Raise LockTakenOverError where the newest lock is no longer this run's."""
        with self.wrap_errors():
            _, holder = self._look()
        if holder != self._me:
            raise LockTakenOverError(
                "Another run took over while this one stood still: "
                f"{holder or 'one that has ended since'}. This one stops; what "
                "it had done before counts. Run it again when the other one has ended."
            )

    def keep_alive(self, ended: threading.Event) -> None:
        """Show others, until the run has ended or lost the lock, that it still runs."""
        while not ended.wait(HEARTBEAT_SECONDS):
            try:
                self.check()
                if isinstance(self._fs, LocalFileSystem):  # which would write it in two steps
                    self._fs.touch(self._path, truncate=False)
                else:
                    self._fs.pipe_file(self._path, msgspec.json.encode(self._me))
            except LockTakenOverError as error:  # which the run finds out at its next step
                log.warning("%s", error)
                return
            except Exception as error:  # the next one may get through
                log.warning("no heartbeat: %s", error)

    def release(self) -> None:
        """Let the next run go ahead. Emptying a file takes no room on a full disk."""
        try:
            if self._look()[1] == self._me:  # else it is another run's
                self._fs.pipe_file(self._path, b"")
        except Exception as error:  # whatever ended the run matters more
            log.warning("%s cannot be released: %s", self._path, error)

    def _look(self) -> tuple[list[int], Holder | None]:
        """List the numbers of the lock's files, and who holds the newest: None where it is free."""
        self._fs.invalidate_cache(self._folder)  # of what a bucket listed before
        stems = (name.removesuffix(".json") for name in names_in(self._fs, self._folder))
        numbers = sorted(int(stem) for stem in stems if stem.isdecimal())
        if not numbers:
            return [], None
        try:
            content = self._fs.cat_file(self._file(numbers[-1]))
            return numbers, msgspec.json.decode(content, type=Holder)
        except (FileNotFoundError, msgspec.DecodeError):
            # Released, or made this instant and not written yet: then a higher one makes its
            # maker give way.
            return numbers, None

    def _create(self, path: str, content: bytes) -> None:
        if isinstance(self._fs, LocalFileSystem):  # whose pipe_file looks first and writes then
            with self._fs.open(path, "xb") as file:
                file.write(content)
        else:
            self._fs.pipe_file(path, content, mode="create")

    def _is_running(self, holder: Holder, path: str) -> bool:
        if holder.pid_space and holder.pid_space == self._me.pid_space:
            return started(holder.pid) == holder.process_started
        try:
            silence = datetime.now(UTC) - self._fs.modified(path)
        except FileNotFoundError:  # another run has just taken it over: a look at that one decides
            return False
        return bool(silence < SILENCE_OF_A_DEAD_RUN)

    def _wait(self, holder: Holder, seconds_left: float) -> None:
        if seconds_left <= 0:
            raise LoaderError(
                f"Another run works on {self._source} in {self._folder.rpartition('/')[0]}: "
                f"{holder}. Nothing was changed. Run this again when that one has ended. To end it "
                f"first: kill {holder.pid} on {holder.host}; should it have died there, its lock "
                f"ends {SILENCE_OF_A_DEAD_RUN.seconds // 60} minutes after its last heartbeat."
            )
        log.info("waiting for %s: %.1f min left", holder, seconds_left / 60)
        time.sleep(min(seconds_left, SECONDS_BETWEEN_LOOKS_WHILE_WAITING))

    def _file(self, number: int) -> str:
        return f"{self._folder}/{number:06d}.json"
