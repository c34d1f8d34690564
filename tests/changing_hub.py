"""A Hub that lives while it is listed: it does nothing wrong, and no two walks see the same."""

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from simulator.dataset_repository import DatasetRepository
from simulator.files import StoredFile
from simulator.listing import Listing, LocalHubError, RecordSource


class ChangingHub:
    """A source that changes with each record that is listed.

    Every tenth repository is made or deleted at some time while the listing is walked, and
    the downloads and dates of change of all move on.

    Args:
        source: what it was at first.
        seed: another seed, other changes.
    """

    def __init__(self, source: RecordSource, seed: int) -> None:
        self._source = source
        self._seed = seed

    def arguments(self) -> list[str]:
        return [*self._source.arguments(), "--faults", str(self._seed), "--fault-rate", "0"]

    def fingerprint(self) -> str:
        raise LocalHubError("A Hub that changes cannot keep its pages.")

    def open(self) -> Mapping[str, Listing]:
        return {
            kind: _ChangingListing(listing, self) for kind, listing in self._source.open().items()
        }

    def repositories(self) -> Mapping[str, DatasetRepository]:
        return self._source.repositories()

    def comes_or_goes(self, hub_id: str) -> bool:
        """Tell whether the repository is there for a part of the time only."""
        return self.chance(hub_id) % 10 == 0

    def chance(self, hub_id: str) -> int:
        return zlib.crc32(f"{self._seed} {hub_id}".encode())


class _ChangingListing:
    def __init__(self, listing: Listing, hub: ChangingHub) -> None:
        self._listing = listing
        self._hub = hub
        self._now = 0  # records listed so far

    def __len__(self) -> int:
        return len(self._listing)

    def key(self, position: int) -> str:
        return self._listing.key(position)

    def is_listed(self, position: int) -> bool:
        key = self.key(position)
        if self._hub.comes_or_goes(key):
            chance = self._hub.chance(key) // 10
            is_later = self._now > chance // 2 % (len(self) + 1)
            return is_later == bool(chance % 2) and self._listing.is_listed(position)
        return self._listing.is_listed(position)

    def record(self, position: int, fields: Sequence[str] | None = None) -> Any:
        self._now += 1
        record = msgspec.json.decode(msgspec.json.encode(self._listing.record(position, fields)))
        if "downloads" in record:
            record["downloads"] += self._now
        if "lastModified" in record:
            record["lastModified"] = f"2026-12-01T00:00:00.{self._now % 1000:03d}Z"
        return record

    def find(self, name: str) -> int | None:
        return self._listing.find(name)

    def new_name(self, name: str) -> str | None:
        return self._listing.new_name(name)

    def file(self, position: int, name: str) -> StoredFile | None:
        return self._listing.file(position, name)
