"""The past of the sample: two years of its listings, as somebody who kept them would publish them.

It is a dataset repository in the layout of the weekly archives of the Hub, and has what those have
been found to have: listings that are late in their week, a column that came later, a file that
repeats the counters of the one before, counters that go backwards once, and a file that is missing.
"""

import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import IO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.dataset_repository import Commit, DatasetRepository
from simulator.files import FileInStore, StoredFile, Text
from simulator.synthetic.calendar import start_of
from simulator.synthetic.lives import Counts, Lives, Truth
from simulator.synthetic.past_columns import PastColumns
from simulator.synthetic.repositories import Repositories

NAME = "observatory/hub-history"
FIRST_DAY = date(2024, 11, 1)
LAST_DAY = date(2026, 10, 1)

# All other listings are of the first day of a month.
LATE = {date(2026, 2, 1): date(2026, 2, 3)}
# Repeats the counters of the file before; the one of a week later does not.
FROZEN = date(2025, 8, 1)
AFTER_FROZEN = FROZEN + timedelta(7)
# A third of the counters of all time are a tenth below those of the file before.
BACKWARDS = date(2025, 5, 1)
MISSING = ("datasets", date(2025, 12, 1))
FIRST_WITH_ALL_TIME = date(2025, 3, 1)

# Counters stand for the beginning of the day, repositories are listed at noon.
_NOON = 12 * 3600
_ROWS_A_GROUP = 16_384
_DICTIONARIES = ["author", "tags.list.element", "pipeline_tag", "library_name", "cardData"]
_CARD = """\
---
license: odbl
pretty_name: The past of a Hub that nobody made
---
Listings of the synthetic Hub, in weekly folders. Every name and number comes out of a hash.
"""


class Observation(NamedTuple):
    """A listing of the past: the day it was made, and the week's folder that it lies in."""

    day: date

    @property
    def week(self) -> date:
        """The Wednesday that the week begins with."""
        return self.day - timedelta((self.day.weekday() - 2) % 7)

    @property
    def listed(self) -> int:
        """The instant at which repositories were listed, in seconds since 1970."""
        return start_of(self.day) + _NOON

    @property
    def counted(self) -> int:
        """The instant that the counters stand for."""
        return start_of(self.day)


def observations() -> list[Observation]:
    """List the listings that were kept, the oldest first."""
    firsts = [date(2024 + n // 12, n % 12 + 1, 1) for n in range(10, 34)]
    days = [LATE.get(day, day) for day in firsts if FIRST_DAY <= day <= LAST_DAY]
    return [Observation(day) for day in sorted([*days, AFTER_FROZEN])]


class Past:
    """The past of a synthetic Hub, written when it is first asked for.

    Args:
        listings: of the sample date, by kind.
    """

    def __init__(self, listings: dict[str, Repositories]) -> None:
        self._listings = listings

    @cached_property
    def truth(self) -> Truth:
        """All that was true of the Hub."""
        return Truth({kind: Lives(listing) for kind, listing in self._listings.items()})

    def repository(self) -> DatasetRepository:
        """The archive; it is written when it is first asked for."""
        return DatasetRepository(NAME, self._commits)

    def _commits(self) -> Sequence[Commit]:
        files: dict[Observation, dict[str, StoredFile]] = {one: {} for one in observations()}
        for kind, lives in self.truth.lives.items():
            for observation, file in _write(kind, lives).items():
                files[observation][f"{kind}/{observation.week}/{kind}.parquet"] = file
        first = Commit(
            datetime(2024, 10, 30, tzinfo=UTC),
            "Say what this is",
            {"README.md": Text(_CARD.encode())},
        )
        made = [
            Commit(
                datetime.fromtimestamp(one.listed, UTC), f"Add the week of {one.week}", files[one]
            )
            for one in files
        ]
        return [first, *made]


def _write(kind: str, lives: Lives) -> dict[Observation, StoredFile]:
    columns = PastColumns(kind, lives)
    # Without a name, so that nothing is left of it however this process ends.
    store = tempfile.TemporaryFile()  # noqa: SIM115
    files: dict[Observation, StoredFile] = {}
    shown: tuple[Counts, Counts] | None = None
    for one in observations():
        shown = _shown(one, lives, shown)
        if (kind, one.day) == MISSING:
            continue
        has_all_time = one.day >= FIRST_WITH_ALL_TIME
        table = columns.table(
            lives.is_listed(one.listed), one.listed, shown[0], shown[1] if has_all_time else None
        )
        files[one] = _append(store, table)
    return files


def _shown(
    one: Observation, lives: Lives, before: tuple[Counts, Counts] | None
) -> tuple[Counts, Counts]:
    """The counters of 30 days and of all time that a file shows, given those of the one before."""
    if one.day == FROZEN and before is not None:
        return before
    recent, all_time = lives.downloads(one.counted), lives.all_time_downloads(one.counted)
    if one.day == BACKWARDS and before is not None:
        is_lower = (np.arange(len(all_time)) % 3 == 0) & (before[1] > 0)
        all_time = np.where(is_lower, before[1] - before[1] // 10 - 1, all_time)
    return recent, all_time


def _append(store: IO[bytes], table: pa.Table) -> StoredFile:
    content = pa.BufferOutputStream()
    pq.write_table(
        table,
        content,
        row_group_size=_ROWS_A_GROUP,
        compression="zstd",
        use_dictionary=_DICTIONARIES,
    )
    start = store.seek(0, os.SEEK_END)
    store.write(content.getvalue())
    store.flush()
    return FileInStore(store, start, store.tell() - start)
