"""The records that a source offers to the server, and their listing cut into pages."""

import base64
import binascii
import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec

from loaders.errors import LoaderError
from simulator.files import StoredFile

if TYPE_CHECKING:
    from simulator.dataset_repository import DatasetRepository

KINDS = ("models", "datasets")


class LocalHubError(LoaderError):
    """A local Hub that cannot be served: a folder, a file or an option is not valid."""


class Listing(Protocol):
    """The repositories of one kind, ascending by ``_id``, addressed by a position from 0."""

    def __len__(self) -> int: ...

    def key(self, position: int) -> str:
        """The ``_id`` at a position, by which the listing is sorted; equal ones may follow."""

    def is_listed(self, position: int) -> bool:
        """Tell whether the repository is public; a removed one keeps its position."""

    def record(self, position: int, fields: Sequence[str] | None = None) -> Any:
        """The API record, ready to be encoded: these fields of it, or all."""

    def find(self, name: str) -> int | None:
        """The position of a listed repository by its ``id``."""

    def new_name(self, name: str) -> str | None:
        """The name that a repository has now which was once called ``name``."""

    def file(self, position: int, name: str) -> StoredFile | None:
        """A file of the repository at a position; None where it has none of that name."""


class RecordSource(Protocol):
    """A place that a local Hub gets its records from."""

    def arguments(self) -> list[str]:
        """The command-line options of ``python -m simulator`` that name this source."""

    def fingerprint(self) -> str:
        """A text that changes when the records do."""

    def open(self) -> Mapping[str, Listing]:
        """The listings by kind. Raises LocalHubError."""

    def repositories(self) -> Mapping[str, "DatasetRepository"]:
        """Its dataset repositories that have files, by name."""


class Cursor(NamedTuple):
    """The place where a page begins, as the Hub writes it: ``{"_id": {"$gt": "621ffdc0…"}}``.

    Records that share an ``_id``, or have none, cannot be told apart that way. A page that
    ends among such is followed by one from that ``_id`` on, less those already served:
    ``{"_id": {"$gte": "621ffdc0…"}, "$skip": 2}``.
    """

    key: str
    skip: int | None
    is_descending: bool

    @property
    def _operator(self) -> str:
        return ("$lt" if self.is_descending else "$gt") + ("" if self.skip is None else "e")

    def encode(self) -> str:
        content: dict[str, Any] = {"_id": {self._operator: self.key}}
        if self.skip is not None:
            content["$skip"] = self.skip
        return base64.b64encode(json.dumps(content, separators=(",", ":")).encode()).decode()

    @classmethod
    def decode(cls, text: str, is_descending: bool) -> "Cursor":
        """Raises ValueError: no cursor, or one of the other direction."""
        try:
            content = json.loads(base64.b64decode(text, validate=True))
            ((operator, key),) = content["_id"].items()
            cursor = cls(key, content.get("$skip"), is_descending)
        except (binascii.Error, ValueError, LookupError, TypeError, AttributeError) as error:
            raise ValueError("Invalid cursor") from error
        is_skip_valid = cursor.skip is None or (type(cursor.skip) is int and cursor.skip >= 0)
        if not isinstance(key, str) or operator != cursor._operator or not is_skip_valid:
            raise ValueError("Invalid cursor")
        return cursor

    @classmethod
    def after(cls, listing: Listing, position: int, is_descending: bool) -> "Cursor":
        """The cursor of the page that follows the record at ``position``."""
        key = listing.key(position)
        first, end = _run(listing, key)
        served = end - position if is_descending else position + 1 - first
        return cls(key, None if served == end - first else served, is_descending)

    def positions(self, listing: Listing) -> range:
        """All positions from here on, in the order of the walk."""
        first, end = _run(listing, self.key)
        if self.is_descending:
            return range((first if self.skip is None else end - self.skip) - 1, -1, -1)
        return range(end if self.skip is None else first + self.skip, len(listing))


def _run(listing: Listing, key: str) -> tuple[int, int]:
    """The positions, from the first to before the second, that hold ``key``."""
    everything = range(len(listing))
    first = bisect_left(everything, key, key=listing.key)
    return first, bisect_right(everything, key, lo=first, key=listing.key)


class PageQuery(NamedTuple):
    """The page of a listing that is asked for, and the fields of its records."""

    fields: tuple[str, ...]
    limit: int
    is_descending: bool
    cursor: Cursor | None


class RenderedPage(NamedTuple):
    """A rendered page: a JSON array, and the cursor of the next one if there is a next one."""

    body: bytes
    next_cursor: str | None


_encode = msgspec.json.Encoder().encode


def render_page(listing: Listing, query: PageQuery) -> RenderedPage:
    """Cut one page out of a listing."""
    if query.cursor is not None:
        positions = query.cursor.positions(listing)
    else:
        positions = range(len(listing))[:: -1 if query.is_descending else 1]
    listed = (position for position in positions if listing.is_listed(position))
    chosen = list(islice(listed, query.limit))
    body = _encode([listing.record(position, query.fields) for position in chosen])
    if next(listed, None) is None:
        return RenderedPage(body, None)
    return RenderedPage(body, Cursor.after(listing, chosen[-1], query.is_descending).encode())
