"""A report's folder, which takes the place of the one before it whole or not at all."""

import ctypes
import errno
import fcntl
import glob
import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reports.errors import ReportError

# Lists the files of a report, so that the next one knows whose they are.
_LIST = ".files"

# What a report wrote before it kept such a list.
_BEFORE_THE_LIST = (
    *("index.html", "dbt.html", "charts/*.svg", "charts/*.png", "extracts/*.csv"),
    *("extracts/*.parquet", "extracts/*.hyper", "tableau/*.tds", "tableau/*.tdsx"),
)
# What a file manager leaves in each folder that somebody looks at.
_NOBODYS = {".DS_Store", "Thumbs.db", "desktop.ini"}

_AT_FDCWD = -100  # of Linux: paths as they stand
_SWAP = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS
_NO_SWAP_HERE = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EXDEV}


@contextmanager
def replaced(report: Path) -> Iterator[Path]:
    """A folder to write a report into, which at the end takes the place of the one before it.

    Until then, and whatever goes wrong, the report before stands. What a killed run has left is
    removed by the next one.

    Raises:
        ReportError: something cannot be written, or the place holds what no report wrote.
    """
    name = str(report)
    report = Path(os.path.realpath(report))  # through a link, which stays
    try:
        _refuse_what_is_not_ours(report, name)
        report.parent.mkdir(parents=True, exist_ok=True)
        unfinished, lock = _new_folder(report)
        try:
            yield unfinished
            files = sorted(_files(unfinished))
            (unfinished / _LIST).write_text("\n".join(files) + "\n", encoding="utf-8")
            _refuse_what_is_not_ours(report, name)
            _put_in_place(unfinished, report)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
            os.close(lock)
    except OSError as error:
        raise ReportError(
            f"The report {name} cannot be written: {error.strerror or error}. The one before it, "
            "if there is one, stands. Make room or give the right to write, or name another "
            "folder with --output; then run it again."
        ) from error


def _refuse_what_is_not_ours(report: Path, name: str) -> None:
    if not report.exists():
        return
    if not report.is_dir():
        raise ReportError(f"{name} is a file: name a folder with --output.")
    if report.is_mount():
        raise ReportError(
            f"{name} is a mount point, which cannot be replaced: name a folder in it with "
            f"--output, such as {Path(name) / 'report'}."
        )
    if others := sorted(_files(report) - _own_files(report)):
        raise ReportError(
            f"{name} holds {others[0]!r}, which no report wrote, and a report takes the place of "
            "its whole folder. Move it elsewhere, or name another folder with --output."
        )


def _files(folder: Path) -> set[str]:
    """All files in a folder, and links, which are not followed."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if (path.is_symlink() or not path.is_dir()) and path.name not in _NOBODYS
    }


def _own_files(report: Path) -> set[str]:
    listed = report / _LIST
    if listed.exists():
        return {_LIST, *listed.read_text(encoding="utf-8").splitlines()}
    found = (path for pattern in _BEFORE_THE_LIST for path in report.glob(pattern))
    return {path.relative_to(report).as_posix() for path in found}


def _new_folder(report: Path) -> tuple[Path, int]:
    """An empty folder beside a report, and its lock, which ends with this process."""
    parent = os.open(report.parent, os.O_RDONLY)
    try:
        # Else another run could take a folder for a leftover before it is locked.
        fcntl.flock(parent, fcntl.LOCK_EX)
        _clear_up(report)
        unfinished = report.with_name(f"{_prefix(report)}{uuid.uuid4().hex[:8]}")
        unfinished.mkdir()
        lock = os.open(unfinished, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        return unfinished, lock
    finally:
        os.close(parent)


def _prefix(report: Path) -> str:
    return f".{report.name}.unfinished-"


def _set_aside(report: Path) -> Path:
    return report.with_name(f".{report.name}.before")


def _clear_up(report: Path) -> None:
    """Remove what killed runs have left beside a report, and put back what one had set aside."""
    aside = _set_aside(report)
    if aside.exists() and not report.exists():
        aside.rename(report)
    for leftover in (*report.parent.glob(f"{glob.escape(_prefix(report))}*"), aside):
        try:
            folder = os.open(leftover, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(leftover, ignore_errors=True)
        except BlockingIOError:  # of a run that is at work
            continue
        finally:
            os.close(folder)


def _put_in_place(unfinished: Path, report: Path) -> None:
    """Exchange both at once; where the system cannot, one after the other."""
    if not report.exists():
        unfinished.rename(report)
    elif not _exchange(unfinished, report):
        aside = _set_aside(report)
        report.rename(aside)  # a run that is killed here leaves this to _clear_up
        unfinished.rename(report)
        shutil.rmtree(aside, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step, which Python has no function for; whether that can be."""
    libc = ctypes.CDLL(None, use_errno=True)
    paths = [os.fsencode(one), os.fsencode(other)]
    try:
        if sys.platform == "darwin":
            failed = libc.renamex_np(*paths, _SWAP)
        else:
            failed = libc.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _SWAP)
    except AttributeError:
        return False
    if failed and (number := ctypes.get_errno()) not in _NO_SWAP_HERE:
        raise OSError(number, os.strerror(number), str(other))
    return not failed
