"""Monthly downloads in plain Python, from docs/methodology.md alone: no SQL and no shared code.

It is slow and direct: every question is asked of all snapshots again.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

Key = str
Row = dict[str, Any]
NEAR, MAY_BE_APART = timedelta(days=31), timedelta(days=16)


@dataclass(frozen=True)
class Listed:
    """A repository in a snapshot; ``key`` is None where an archive has none."""

    key: Key | None
    name: str
    created_at: datetime | None
    downloads: int | None
    downloads_all_time: int | None


@dataclass
class Snapshot:
    """A snapshot of one kind.

    Attributes:
        is_frozen: the verdict of an archive's loader; None where nobody has compared it.
        by_key: what it lists, once each row has a key.
    """

    day: date
    rows: list[Listed]
    is_frozen: bool | None = None
    by_key: dict[Key, Listed] = field(default_factory=dict)


def downloads_by_month(
    snapshots: Sequence[Snapshot], sizes: Mapping[Key, int] | None
) -> dict[date, Row]:
    """The table's rows of one kind, by month, without what is the same in each row.

    Args:
        snapshots: in any order.
        sizes: effective parameters of models; None for datasets.
    """
    history = History(sorted(snapshots, key=lambda snapshot: snapshot.day))
    month, last, table = first_of_month(history.all[0].day), history.all[-1].day, {}
    while month <= last:
        table[month] = history.row(month, sizes)
        month = next_month(month)
    return table


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def next_month(month: date) -> date:
    return first_of_month(month + timedelta(days=31))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())


class History:
    """All snapshots of one kind, in order."""

    def __init__(self, snapshots: list[Snapshot]) -> None:
        self.all = snapshots
        for snapshot in snapshots:
            for listed in snapshot.rows:
                snapshot.by_key[listed.key or self._found_key(snapshot, listed)] = listed
        self._usable = self._not_frozen()
        self.of_30_days = self._with("downloads")
        self.of_all_time = self._with("downloads_all_time")
        self.followers = self._followers()

    def _found_key(self, snapshot: Snapshot, listed: Listed) -> Key:
        """The key of its name and creation in the nearer neighbour with keys, else the name."""
        with_keys = [s for s in self.all if any(row.key is not None for row in s.rows)]
        before = [s for s in with_keys if s.day < snapshot.day][-1:]
        after = [s for s in with_keys if s.day > snapshot.day][:1]
        found = [
            (abs(other.day - snapshot.day), other.day, candidate.key)
            for other in before + after
            for candidate in other.rows
            if candidate.name == listed.name
            and listed.created_at is not None
            and candidate.created_at is not None
            and candidate.created_at.date() == listed.created_at.date()
        ]
        return min(found)[2] if found else listed.name

    def _not_frozen(self) -> list[Snapshot]:
        usable: list[Snapshot] = []
        for snapshot in self.all:
            if snapshot.is_frozen is None:
                earlier = [
                    other
                    for other in usable
                    if snapshot.day - other.day >= timedelta(days=3)
                    and any(listed.downloads is not None for listed in other.rows)
                ]
                if earlier and self._repeats(snapshot, earlier[-1]):
                    continue
            elif snapshot.is_frozen:
                continue
            usable.append(snapshot)
        return usable

    @staticmethod
    def _repeats(later: Snapshot, earlier: Snapshot) -> bool:
        shared = [
            later.by_key[key].downloads == earlier.by_key[key].downloads
            for key in later.by_key.keys() & earlier.by_key.keys()
            if later.by_key[key].downloads and earlier.by_key[key].downloads
        ]
        return sum(shared) * 2 > len(shared)

    def _with(self, counter: str) -> list[Snapshot]:
        return [s for s in self._usable if any(getattr(r, counter) is not None for r in s.rows)]

    def _followers(self) -> dict[Key, tuple[Key, date, date]]:
        """By key that another one continues: that one, its day of creation, its first day."""
        listings = defaultdict(list)
        for snapshot in self.all:
            for key in snapshot.by_key:
                listings[key].append(snapshot)
        followers: dict[Key, tuple[Key, date, date]] = {}
        for key, where in sorted(listings.items(), key=lambda item: (item[1][0].day, item[0])):
            first, listed = where[0], where[0].by_key[key]
            holders = [
                (other.day, holder)
                for other in self.all
                if other.day < first.day
                for holder, row in other.by_key.items()
                if row.name == listed.name
            ]
            if not holders:
                continue
            last_held, holder = max(holders)
            if all(other.day < first.day for other in listings[holder]):
                created = listed.created_at.date() if listed.created_at else first.day
                followers.setdefault(holder, (key, max(created, last_held), first.day))
        return followers

    def unit(self, key: Key) -> Key:
        return self.unit(self.followers[key][0]) if key in self.followers else key

    def around(
        self, boundary: date, usable: Sequence[Snapshot]
    ) -> tuple[Snapshot, Snapshot] | None:
        """The usable snapshots next to a boundary, both within 31 days; None without them."""
        before = [s for s in usable if boundary - NEAR <= s.day <= boundary]
        after = [s for s in usable if boundary <= s.day <= boundary + NEAR]
        return (before[-1], after[0]) if before and after else None

    def is_dip(self, key: Key, snapshot: Snapshot) -> bool:
        days = [s for s in self.of_all_time if has_counter(s, key)]
        place = days.index(snapshot)
        if place in (0, len(days) - 1):
            return False
        earlier, here, later = (
            days[n].by_key[key].downloads_all_time for n in (place - 1, place, place + 1)
        )
        return here < earlier and here < later and later >= earlier

    def counter(self, key: Key, boundary: date) -> tuple[bool, float | None]:
        """A pair: if a repository is near a boundary at all, and its all-time counter there."""
        near = [
            s
            for s in self.of_all_time
            if has_counter(s, key) and abs(s.day - boundary) <= NEAR and not self.is_dip(key, s)
        ]
        before = [s for s in near if s.day <= boundary]
        after = [s for s in near if s.day >= boundary]
        if before and after:
            low, high = before[-1], after[0]
            start, end = (s.by_key[key].downloads_all_time for s in (low, high))
            days = (high.day - low.day).days
            return True, start + (end - start) * ((boundary - low.day).days / days if days else 0)
        if before:
            return True, before[-1].by_key[key].downloads_all_time
        if not after:
            return False, None
        return True, self._only_after(after[0].by_key[key], boundary, after[0].day)

    def _only_after(self, listed: Listed, boundary: date, day: date) -> float | None:
        created, start = listed.created_at, midnight(boundary)
        if created is None:
            return None
        if created >= start:
            return 0
        before = max(s.day for s in self.of_all_time if s.day <= boundary)
        if created < midnight(before):
            return None
        return listed.downloads_all_time * ((start - created) / (midnight(day) - created))

    def created_at(self, key: Key) -> datetime | None:
        known = [s.by_key[key].created_at for s in self.all if key in s.by_key]
        return max((created for created in known if created), default=None)

    def exact_flow(self, key: Key, month: date) -> tuple[float | None, float] | None:
        """A repository's downloads (None: unknown) and decrease; None where it is not there."""
        is_there, end = self.counter(key, next_month(month))
        if not is_there:
            return None
        created = self.created_at(key)
        start = self.counter(key, month)[1]
        if created is not None and created >= midnight(month):
            start = 0
        if start is None or end is None:
            return None, 0
        return max(0, end - start), max(0, start - end)

    def of_last_30_days(self, key: Key, month: date) -> float:
        """The count of 30 days at a month's end, for a month of its length."""
        low, high = self.around(next_month(month), self.of_30_days)
        start, end = ((s.by_key[key].downloads or 0) if key in s.by_key else 0 for s in (low, high))
        days = (high.day - low.day).days
        share = (next_month(month) - low.day).days / days if days else 0
        return (start + (end - start) * share) * (next_month(month) - month).days / 30

    def basis(self, month: date) -> tuple[bool, bool, tuple[Snapshot, Snapshot]] | None:
        """Exact or not, wide or not, and the snapshots around its end; None without flows."""
        exact = [self.around(b, self.of_all_time) for b in (month, next_month(month))]
        counts = [self.around(b, self.of_30_days) for b in (month, next_month(month))]
        is_wide = any(pair[1].day - pair[0].day > MAY_BE_APART for pair in exact if pair)
        if all(exact):
            return True, is_wide, exact[1]
        return (False, is_wide, counts[1]) if (exact[0] or counts[0]) and counts[1] else None

    def flows(self, month: date) -> tuple[dict[Key, tuple[float | None, float]], dict[Key, float]]:
        """Downloads and decreases of a month with flows, and the same by the count of 30 days."""
        keys = [
            key
            for key in {key for snapshot in self.all for key in snapshot.by_key}
            if key not in self.followers or month < first_of_month(self.followers[key][1])
        ]
        has_counts = self.around(next_month(month), self.of_30_days)
        thirty = {key: self.of_last_30_days(key, month) for key in keys} if has_counts else {}
        if not self.basis(month)[0]:
            return {key: (amount, 0) for key, amount in thirty.items()}, thirty
        return {key: flow for key in keys if (flow := self.exact_flow(key, month))}, thirty

    def row(self, month: date, sizes: Mapping[Key, int] | None) -> Row:
        if (basis := self.basis(month)) is None:
            return dict.fromkeys(FIGURES) | {"observation_status": "O"}
        is_exact, is_wide, around = basis
        flows, thirty = self.flows(month)
        known = {key: flow[0] for key, flow in flows.items() if flow[0]}
        has_counts = self.around(next_month(month), self.of_30_days)
        return {
            "is_exact": is_exact,
            "listed": len(self.listed(around, next_month(month))),
            "active": len(known),
            "unknown_repositories": sum(flow[0] is None for flow in flows.values()),
            "downloads": math.fsum(known.values()),
            "clipped_downloads": math.fsum(f[1] for f in flows.values()) if is_exact else None,
            "downloads_from_30_day_count": math.fsum(thirty.values()) if has_counts else None,
            **self.typical_size(known, sizes),
            "observation_status": "E" if not is_exact or is_wide else "A",
        }

    def listed(self, around: tuple[Snapshot, Snapshot], boundary: date) -> set[Key]:
        low, high = around
        later = {
            key
            for key, listed in high.by_key.items()
            if listed.created_at is not None and listed.created_at < midnight(boundary)
        }
        return {self.unit(key) for key in low.by_key.keys() | later}

    def typical_size(self, flows: Mapping[Key, float], sizes: Mapping[Key, int] | None) -> Row:
        """The lower weighted median of the sizes, and the share of the downloads with one."""
        if sizes is None or not flows:
            return {"weighted_median_parameters": None, "share_known_size": None}
        weights: dict[int, float] = defaultdict(float)
        for key, amount in flows.items():
            if self.unit(key) in sizes:
                weights[sizes[self.unit(key)]] += amount
        half, total, median = math.fsum(weights.values()) / 2, 0.0, None
        for size in sorted(weights):
            total += weights[size]
            if median is None and total >= half * (1 - 1e-12):
                median = size
        share = math.fsum(weights.values()) / math.fsum(flows.values())
        return {"weighted_median_parameters": median, "share_known_size": share}


FIGURES = (
    *("is_exact", "listed", "active", "unknown_repositories", "downloads", "clipped_downloads"),
    *("downloads_from_30_day_count", "weighted_median_parameters", "share_known_size"),
)


def has_counter(snapshot: Snapshot, key: Key) -> bool:
    return key in snapshot.by_key and snapshot.by_key[key].downloads_all_time is not None
