"""The lives of all repositories of one kind, in arrays: what was true of the Hub at any instant.

The archive of the sample's past is written from it, and tests hold against it what is computed
from that archive.
"""

import gc
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulator.synthetic.calendar import SAMPLE_END, YEAR
from simulator.synthetic.life import Life
from simulator.synthetic.repositories import Repositories
from simulator.synthetic.use import all_time_downloads, downloads_of_30_days

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]


class Lives:
    """The repositories of a listing that were made up to its day, listed now or not.

    All arrays have a place for each, in the order of creation. An instant is in seconds since
    1970, and not after the sample date.

    Args:
        listing: of the sample date.

    Attributes:
        each: what does not change.
        hub_ids: their ``_id``.
        created, removed: when they were made and, at the earliest after the sample date for those
            that it lists, removed.
    """

    def __init__(self, listing: Repositories) -> None:
        self.each = _lives(listing)
        self.hub_ids = [life.hub_id for life in self.each]
        self.created = self._array("created", np.int64)
        self.removed = self._array("removed", np.float64)
        self._renamed = np.array([life.names.renamed for life in self.each], np.float64)
        self._edits = np.array([life.edits for life in self.each], np.int64).reshape(-1, 2)
        self._pace = self._array("pace", np.float64)
        draws = [(life.draws.serial, life.draws.likes) for life in self.each]
        self._serial, self._likes = np.array(draws, np.int64).reshape(-1, 2).T
        self._position = np.arange(len(self.each))

    def is_listed(self, instant: int) -> Flags:
        """Tell which are there."""
        there: Flags = (self.created < instant) & (self.removed >= instant)
        return there

    def is_renamed(self, instant: int) -> Flags:
        """Tell which have the last of their names."""
        renamed: Flags = self._renamed <= instant
        return renamed

    def all_time_downloads(self, instant: int) -> Counts:
        """The true counters of all downloads: 0 before creation, the last value after removal."""
        counts = self._count(all_time_downloads, instant)
        gone = self.removed < instant
        counts[gone] = self._last_counts[gone]
        return counts

    @cached_property
    def _last_counts(self) -> Counts:
        """The counters of those that are removed by the sample date, when they were; else 0."""
        counts = np.zeros(len(self.each), np.int64)
        arrays = (self._pace, self._serial, self._position, self.created)
        for at in np.flatnonzero(self.removed < SAMPLE_END):
            pace, serial, position, created = (array[at].item() for array in arrays)
            instant = int(self.removed[at])
            counts[at] = int(all_time_downloads(pace, serial, position, created, instant))
        return counts

    def downloads(self, instant: int) -> Counts:
        """The true downloads of the 30 days before, of those that are there."""
        return self._count(downloads_of_30_days, instant)

    def likes(self, instant: int) -> Counts:
        """The likes so far."""
        part = np.minimum(1.0, 0.3 + (instant - self.created) / YEAR)
        likes: Counts = (self._pace**0.6 * self._likes / (1 << 16) * part).astype(np.int64)
        return likes

    def modified(self, instant: int) -> Counts:
        """The instants of the last changes."""
        modified = self.created
        for edit in self._edits.T:
            modified = np.where((modified < edit) & (edit < instant), edit, modified)
        return modified

    def _array(self, name: str, kind: Any) -> npt.NDArray[Any]:
        return np.array([getattr(life, name) for life in self.each], kind)

    def _count(self, function: Any, instant: int) -> Counts:
        exact = function(self._pace, self._serial, self._position, self.created, instant)
        counts: Counts = np.maximum(exact, 0).astype(np.int64)
        return counts


class Truth(NamedTuple):
    """The truth of the sample's past, by kind of listing; for tests."""

    lives: dict[str, Lives]

    def listed(self, kind: str, instant: datetime) -> set[str]:
        """The ``_id`` of those that are there at an instant."""
        lives = self.lives[kind]
        return {lives.hub_ids[at] for at in np.flatnonzero(lives.is_listed(_seconds(instant)))}

    def counters(self, kind: str, instant: datetime) -> dict[str, int]:
        """The true counter of all downloads by ``_id``, of all that were made before an instant.

        So the downloads of any time are the difference of two; those of a removed one end with it.
        """
        lives = self.lives[kind]
        made = np.flatnonzero(lives.created < _seconds(instant))
        counts = lives.all_time_downloads(_seconds(instant))
        return {lives.hub_ids[at]: int(counts[at]) for at in made}

    def removed(self, kind: str, until: datetime) -> dict[str, datetime]:
        """The instants of removal, by ``_id``, of those that were removed until then."""
        lives = self.lives[kind]
        gone = np.flatnonzero(lives.removed < _seconds(until))
        return {
            lives.hub_ids[at]: datetime.fromtimestamp(float(lives.removed[at]), UTC) for at in gone
        }


def _lives(listing: Repositories) -> list[Life]:
    # Python looks for circles among all that was made, again and again: half of the time.
    was_on = gc.isenabled()
    gc.disable()
    try:
        return [listing.life(position) for position in range(len(listing))]
    finally:
        if was_on:
            gc.enable()


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())
