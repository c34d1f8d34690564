"""Errors of a DuckDB file, each told by its one cause and with its one advice.

DuckDB has one class for all that goes wrong with a file, and dlt wraps it in guesses, so that
the cause is told by what DuckDB, or the operating system, says.
"""

import re
from collections.abc import Iterator

# DuckDB 1.5: Conflicting lock is held in /usr/bin/python3.11 (PID 4242)
_IS_OPEN = re.compile(r"Conflicting lock is held in (\S*) ?(?:\([^()]*\) )?\(PID (\d+)\)")

_AGAIN = "then run the same command again"
_ANOTHER_FILE = (
    "Set HUB_DUCKDB_PATH to a file that is a DuckDB database, or does not exist yet in a folder "
    f"that can be written, {_AGAIN}"
)
_CAUSES = (
    (
        r"No space left on device|File too large|Disk quota exceeded|Errno (28|27|122)\b",
        f"The disk is full. Make room, {_AGAIN}",
    ),
    (
        r"Conflicting lock is held|Could not set lock on file|different configuration than existing"
        r"|Unique file handle conflict",
        f"Another program has it open. Close it there, {_AGAIN}",
    ),
    (
        r"not a valid DuckDB database|Could not read from file .*Is a directory",
        f"That is no DuckDB database, and stays as it is. {_ANOTHER_FILE}",
    ),
    (
        r"database file with version number|written with a newer version|storage version",
        f"Another version of DuckDB wrote it. {_ANOTHER_FILE}",
    ),
    (
        r"Corrupt database file|Failure while replaying WAL",
        "It is damaged. Restore it from a copy; or remove it and load its snapshots again, "
        "for which the landing zone has the pages",
    ),
    (
        r"Permission denied|Read-only file system|Not a directory|No such file or directory"
        r"|Operation not permitted|Cannot open file|Errno (1|2|13|17|20|30)\b",
        f"It cannot be written there. {_ANOTHER_FILE}",
    ),
)


def explanation(error: BaseException) -> str | None:
    """The cause and what to do, from an error or what it came from; None if it is another one."""
    said = [" ".join(str(one).split()) for one in _chain(error)]
    for text in said:
        if is_open := _IS_OPEN.search(text):
            program, pid = is_open[1].rpartition("/")[2], is_open[2]
            return (
                f"process {pid} ({program or 'another program'}) has it open, and DuckDB lets one "
                f"program write at a time. Close it there, {_AGAIN}."
            )
    for pattern, told in _CAUSES:
        for text in reversed(said):  # the first cause says most
            if re.search(pattern, text):
                return f"{text[-300:].rstrip('.')}. {told}."
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error, what it came from, what that came from, and so on."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or following.__context__
