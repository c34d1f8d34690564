"""The files to take of an archive: the first usable one of each month or week."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from loaders.archive.files import ArchiveFile

PERIODS = ("month", "week")


class Period(NamedTuple):
    """A month or a week, and the files whose listing is of it, the oldest first."""

    begin: date
    files: list[ArchiveFile]


def begin_of(day: date, every: str) -> date:
    """Tell the first day of the month, or the Monday of the week, that a day is in."""
    return day.replace(day=1) if every == "month" else day - timedelta(days=day.weekday())


def periods(
    files: Sequence[ArchiveFile], every: str, since: date | None, until: date | None
) -> list[Period]:
    """Part files by month or week, the oldest first.

    Args:
        files: the oldest first.
        every: one of ``PERIODS``.
        since, until: the first and the last snapshot date to take; None for no bound.
    """
    wanted = [
        file
        for file in files
        if (since is None or file.snapshot_date >= since)
        and (until is None or file.snapshot_date <= until)
    ]
    return [
        Period(begin, list(group))
        for begin, group in groupby(wanted, lambda file: begin_of(file.snapshot_date, every))
    ]
