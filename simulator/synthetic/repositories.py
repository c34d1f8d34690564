"""The life of a synthetic repository: when it is made, renamed and removed, and how it is used.

Everything about the repository at position n follows from n and a hash of (seed, kind, n), so
that any one can be had without the others. A hash costs a microsecond and gives the draws of
a whole record at once; the rest is looked up in tables that are made at import.
"""

import math
import re
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from hashlib import blake2b
from typing import Any, NamedTuple

from simulator.files import StoredFile
from simulator.synthetic.calendar import (
    GROWTH_PER_YEAR,
    SAMPLE_END,
    YEAR,
    Calendar,
    end_of,
    iso,
    start_of,
)
from simulator.synthetic.chances import Draws, quantiles, unpack_draws
from simulator.synthetic.life import Life, Names, edits, is_dated, terms, trend
from simulator.synthetic.use import (
    all_time_downloads,
    downloads_of_30_days,
    recent_downloads,
    wobble_of,
)

_MEAN_YEARS_TO_REMOVAL = 25.0  # after the sample date
# One in so many repositories is gone by the sample date; 2023 has lost some 6% on the real Hub.
_REMOVED_EVERY = 16
_U16 = 1 << 16


# Downloads of the last 30 days: most repositories have next to none, a few have almost all.
_USE_PLACES = 1 << 14
_USE = quantiles(
    [(0, 0.3), (0.42, 0.99), (0.85, 10), (0.95, 60), (0.99, 900), (0.999, 2e4), (1, 3e6)],
    _USE_PLACES,
)


# Owners write into tags what they like.
AWKWARD_TAGS = (
    "\U0001d564\U0001d56a\U0001d55f\U0001d565\U0001d559 \U0001f916",
    'a "quoted" tag',
    "it's",
    "<script>alert('synthetic')</script>",
    '=HYPERLINK("http://synthetic.invalid","tag")',
    "\u200fright\u202eto left",
    "back\\slash",
    "comma, semicolon; tab\there",
    "na\u00efve caf\u00e9 \u6a21\u578b",
    "null",
    "{{ jinja }} ${shell} %s",
    "long" * 60,
)

# Asked for one repository at a time, so that a listing need not make them.
_SEPARATE_FIELDS = frozenset({"usedStorage", "spaces"})


class Profile(NamedTuple):
    """The kind of one repository: what its name shows, and what else its kind needs.

    Attributes:
        stem: what the name begins with, such as ``text``.
        suffix: what the name ends with, such as ``-GGUF``.
        bulk_publisher: who uploads thousands in this month, if this is one of those.
        details: the kind's own business.
    """

    stem: str
    suffix: str = ""
    bulk_publisher: str | None = None
    details: Any = None


class Repositories(ABC):
    """The listing of one kind; see ``Listing`` for its methods.

    Args:
        size: how many are listed on the sample date.
        calendar: when these were made.
        seed, as_of: see ``SyntheticHub``.
    """

    noun: str  # in the names: text-model-000123

    def __init__(self, size: int, calendar: Calendar, *, seed: int, as_of: date) -> None:
        self._size = size
        self._calendar = calendar
        self._salt = blake2b(b"%d" % seed, digest_size=blake2b.SALT_SIZE).digest()
        self._person = self.noun.encode()
        self._end = end_of(as_of)
        self._day = as_of.toordinal()
        self._publishers = max(size // 8, 1)
        self._length = self._count_made()

    # What a kind adds

    @abstractmethod
    def profile(self, draws: Draws, created: int) -> Profile:
        """The kind of this repository."""

    @abstractmethod
    def listed_fields(
        self, position: int, draws: Draws, created: int, profile: Profile, name: str
    ) -> dict[str, Any]:
        """The tags, and the fields that only this kind has."""

    @abstractmethod
    def separate_fields(self, draws: Draws, created: int, profile: Profile) -> dict[str, Any]:
        """The fields that are asked for one repository at a time, ``_SEPARATE_FIELDS``."""

    # The listing

    def __len__(self) -> int:
        return self._length

    def key(self, position: int) -> str:
        draws = self._draws(position)
        return _hub_id(position, draws, self._created(position, draws))

    def is_listed(self, position: int) -> bool:
        if self._end <= SAMPLE_END and not self._is_short_lived(position):
            return True
        return self._is_there(position, self._end)

    def record(self, position: int, fields: Sequence[str] | None = None) -> dict[str, Any]:
        draws = self._draws(position)
        created = self._created(position, draws)
        profile = self.profile(draws, created)
        publisher, name = self.names(position, draws, created, profile).at(self._end)
        record: dict[str, Any] = {"_id": _hub_id(position, draws, created), "id": name}
        if publisher is not None:
            record["author"] = publisher
        if is_dated(draws):
            record["createdAt"] = iso(created)
        self._add_use(record, position, draws, created)
        record |= self.listed_fields(position, draws, created, profile, name)
        if fields is None or not _SEPARATE_FIELDS.isdisjoint(fields):
            record |= self.separate_fields(draws, created, profile)
        if fields is None:
            return record
        return {field: record[field] for field in fields if field in record}

    def find(self, name: str) -> int | None:
        for position in self._candidates(name):
            if self.is_listed(position) and self.name(position) == name:
                return position
        return None

    def new_name(self, name: str) -> str | None:
        for position in self._candidates(name):
            if self.name(position, before=True) == name and self.is_listed(position):
                return self.name(position)
        return None

    def file(self, position: int, name: str) -> StoredFile | None:
        return None

    def name(self, position: int, *, before: bool = False) -> str:
        """The ``id`` at the end of ``as_of``, or what it was ``before`` a renaming."""
        draws = self._draws(position)
        created = self._created(position, draws)
        profile = self.profile(draws, created)
        names = self.names(position, draws, created, profile)
        return names.at(-math.inf if before else self._end)[1]

    # Its life

    def life(self, position: int) -> Life:
        """The whole life of a repository, and what is listed of it throughout."""
        draws = self._draws(position)
        created = self._created(position, draws)
        profile = self.profile(draws, created)
        names = self.names(position, draws, created, profile)
        fields = self.listed_fields(position, draws, created, profile, names.name)
        return Life(
            hub_id=_hub_id(position, draws, created),
            created=created,
            is_dated=is_dated(draws),
            removed=self._removed(position, draws, created),
            names=names,
            edits=edits(draws, created),
            pace=_USE[draws.use >> 18],
            draws=draws,
            fields=terms(draws) | trend(draws) | fields,
        )

    def _draws(self, position: int) -> Draws:
        digest = blake2b(
            b"%d" % position, salt=self._salt, person=self._person, digest_size=60
        ).digest()
        return Draws._make(unpack_draws(digest))

    def _created(self, position: int, draws: Draws) -> int:
        # Counted in repositories that are listed on the sample date, so that these are exactly
        # as many as asked for. Each falls into its own slot of time: positions ascend in time.
        slot: float = position - position // _REMOVED_EVERY
        if not self._is_short_lived(position):
            slot += 0.999 * draws.moment / _U16
        return self._calendar.instant(slot / self._size)

    def _count_made(self) -> int:
        if not self._size:
            return 0
        years = max((self._end - SAMPLE_END) / YEAR, 0)
        slots = self._size * GROWTH_PER_YEAR**years
        above = int(slots * _REMOVED_EVERY / (_REMOVED_EVERY - 1)) + _REMOVED_EVERY
        return bisect_left(
            range(above),
            self._end,
            key=lambda position: self._created(position, self._draws(position)),
        )

    @staticmethod
    def _is_short_lived(position: int) -> bool:
        return position % _REMOVED_EVERY == _REMOVED_EVERY - 1

    def _removed(self, position: int, draws: Draws, created: int) -> float:
        """The instant at which it goes: before the sample date if it is short-lived, else after."""
        chance = draws.removal / _U16
        if self._is_short_lived(position):
            span = SAMPLE_END - created if created < SAMPLE_END else YEAR
            return created + span * chance * chance
        years = -math.log(1 - chance) * _MEAN_YEARS_TO_REMOVAL
        return max(created, SAMPLE_END) + YEAR * years

    def _is_there(self, position: int, instant: int) -> bool:
        """Tell whether it has not been removed before an instant."""
        draws = self._draws(position)
        return self._removed(position, draws, self._created(position, draws)) >= instant

    def names(self, position: int, draws: Draws, created: int, profile: Profile) -> Names:
        """The names of the repository, now and before it was renamed."""
        if position % (2 * _REMOVED_EVERY) == 7 and draws.reference % 8 == 0:
            gone = position // 2 | (_REMOVED_EVERY - 1)
            if gone < position and not self._is_there(gone, created):
                # The name of a removed repository is taken up again, a rare thing.
                position = gone
                draws = self._draws(position)
                created = self._created(position, draws)
                profile = self.profile(draws, created)
        publisher = profile.bulk_publisher
        if publisher is None:
            # A power law: a few publish very much, most once or twice.
            rank = int(self._publishers * (draws.publisher / (1 << 32)) ** 3)
            publisher = f"synthetic-org-{rank:04}"
        end = f"{self.noun}-{position:06}{profile.suffix}"
        name = f"{publisher}/{profile.stem}-{end}"
        is_stock = created < _FIRST_DATED
        if draws.renaming % (4 if is_stock else 64):
            return Names(publisher, name, publisher, name, -math.inf)
        renamed = created + draws.edit / _U16 * 10 * YEAR
        if is_stock:  # the oldest had no publisher in their name; some have none yet
            return Names(publisher, name, None, f"{profile.stem}-{end}", renamed)
        draft = f"{publisher}/{profile.stem}-draft-{end}"
        return Names(publisher, name, publisher, draft, renamed)

    def _candidates(self, name: str) -> list[int]:
        """The positions that can be called so: the number in the name, or one that took it up."""
        found = re.search(rf"{self.noun}-(\d{{6,12}})", name)
        if not found:
            return []
        position = int(found[1])
        successor = 2 * (position - (_REMOVED_EVERY - 1)) + 7
        candidates = [position]
        if self._is_short_lived(position):
            candidates.append(successor)
        return [candidate for candidate in candidates if candidate < self._length]

    def _add_use(self, record: dict[str, Any], position: int, draws: Draws, created: int) -> None:
        """Add what changes from snapshot to snapshot. Totals only grow."""
        age = self._end - created
        modified = created
        for edit in edits(draws, created):
            if modified < edit < self._end:
                modified = edit
        record["lastModified"] = iso(modified)
        record |= terms(draws)
        use = _USE[draws.use >> 18]
        if self._end >= SAMPLE_END:
            recent = recent_downloads(use, wobble_of(position, self._day))
        else:
            recent = downloads_of_30_days(use, draws.serial, position, created, self._end)
        record["downloads"] = int(recent)
        record["downloadsAllTime"] = int(
            all_time_downloads(use, draws.serial, position, created, self._end)
        )
        record["likes"] = int(use**0.6 * draws.likes / _U16 * min(1.0, 0.3 + age / YEAR))
        record |= trend(draws)


_FIRST_DATED = start_of(date(2022, 3, 3))


def _hub_id(position: int, draws: Draws, created: int) -> str:
    """24 hexadecimal digits that ascend with time, as the Hub's own: time, serial, chance."""
    return f"{created:08x}{position:010x}{draws.serial >> 8:06x}"
