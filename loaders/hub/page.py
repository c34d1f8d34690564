"""One page of a listing: its body, what it holds, and where the next one is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loaders.hub.next_link import CursorState


@dataclass(frozen=True)
class Page:
    """One answer of a listing.

    Attributes:
        body: as received, decompressed.
        records, last_id, middle_id, unreadable, ids: as ``PageSurvey`` has them.
        next_path: path and query of the next page; None on the last one.
        cursor: the outcome of checking the link to the next page.
    """

    body: bytes
    records: int
    last_id: str
    middle_id: str
    unreadable: tuple[bytes, ...]
    ids: Sequence[str]
    next_path: str | None
    cursor: CursorState

    def agrees_with(self, other: "Page | None") -> bool:
        """Say whether both list the same; downloads may have moved in between."""
        return other is not None and self._listed == other._listed

    @property
    def _listed(self) -> tuple[Any, ...]:
        return self.records, self.last_id, self.unreadable, self.next_path is None
