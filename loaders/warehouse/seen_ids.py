"""The keys that a snapshot has had so far, in little memory."""

import re
from bisect import bisect_left

_is_hub_id = re.compile("[0-9a-f]{24}").fullmatch


class SeenIds:
    """The ``_id`` of a snapshot that came before, at 12 bytes each.

    The Hub lists in the order of ``_id``, so almost every one is above all before it and is
    new without a look-up. The others, which only a broken listing sends, are looked up.
    """

    _WIDTH = 12  # an _id is the 24 hexadecimal digits of so many bytes

    def __init__(self) -> None:
        self._ascending = bytearray()
        self._last = ""
        self._others: set[str] = set()

    def add(self, hub_id: str) -> bool:
        """Take one ``_id`` in, and say whether it is new."""
        if self._others and hub_id in self._others:
            return False
        if hub_id > self._last and _is_hub_id(hub_id):
            self._ascending += bytes.fromhex(hub_id)
            self._last = hub_id
            return True
        if self._is_ascending(hub_id):
            return False
        if _is_hub_id(hub_id) and len(self) > 1 and hub_id > self[len(self) - 2]:
            # The one before it was out of order, and too high: all that follow are below that one.
            self._others.add(self._last)
            self._ascending[-self._WIDTH :] = bytes.fromhex(hub_id)
            self._last = hub_id
        else:
            self._others.add(hub_id)
        return True

    def _is_ascending(self, hub_id: str) -> bool:
        at = bisect_left(self, hub_id)
        return at < len(self) and self[at] == hub_id

    def __len__(self) -> int:
        return len(self._ascending) // self._WIDTH

    def __getitem__(self, index: int) -> str:
        start = index * self._WIDTH
        return self._ascending[start : start + self._WIDTH].hex()
