"""Manifests: what is known of a page and of a complete crawl.

A manifest is committed by being whole JSON: one that a kill cut short does not parse, and is
no manifest. This needs no rename, so a bucket works as a folder does.

Each holds a checksum of itself, so that an edit is found out, though not one by somebody who makes
the checksum anew. Manifests of older versions have none: of those it is known that the pages lead
from one to the next, to an end, and that there are no others.
"""

import hashlib
import re
from datetime import date, datetime
from itertools import pairwise
from typing import Any, TypeVar

import msgspec
from fsspec import AbstractFileSystem

from loaders.landing.storage import read_file

SNAPSHOT_NAME = "snapshot.json"
PAGE_SUFFIX = ".json.zst"

_PAGE_MANIFEST = re.compile(r"page-(\d{6,})\.manifest\.json")

Manifest = TypeVar("Manifest", bound=msgspec.Struct)


class PageManifest(msgspec.Struct, frozen=True):
    """The facts of one page. Paths of the Hub carry no host: a local Hub changes its port."""

    number: int  # from 1
    path: str
    next_path: str | None  # None on the last page
    records: int
    bytes: int  # of the body, uncompressed
    sha256: str  # of the body
    requests: int  # asked of the Hub for this page, retries included
    rate_limited: int  # of these, answered with status 429
    fetched_at: datetime
    last_id: str = ""  # the _id of its last record
    middle_id: str = ""  # of the one in its middle, beyond which the next page's must be
    out_of_order: int = 0  # records that came again, or before one that they should follow
    cursor: str = ""  # what its link said of where the next page begins, in the crawl's own words


class SnapshotManifest(msgspec.Struct, frozen=True):
    """The facts of one complete crawl."""

    kind: str
    source: str
    snapshot_date: date
    started_at: datetime
    finished_at: datetime
    pages: list[PageManifest]

    @property
    def records(self) -> int:
        """Records of all pages, before any is rejected."""
        return sum(page.records for page in self.pages)


class WrongChecksumError(Exception):
    """A manifest is not as it was written."""


def encode_manifest(manifest: msgspec.Struct) -> bytes:
    """Encode a manifest as JSON, its own checksum included."""
    fields = msgspec.json.decode(msgspec.json.encode(manifest))
    return msgspec.json.encode(fields | {"checksum": _checksum(fields)})


def read_manifest(fs: AbstractFileSystem, path: str, kind: type[Manifest]) -> Manifest | None:
    """Read a manifest; None if it is not there or was cut short.

    Raises:
        WrongChecksumError: it has a checksum, and not its own.
        LoaderError: it cannot be read.
    """
    try:
        content = read_file(fs, path)
        manifest = msgspec.json.decode(content, type=kind)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    fields = msgspec.json.decode(content)
    if fields.get("checksum", "") not in ("", _checksum(fields)):
        raise WrongChecksumError(path)
    return manifest


def _checksum(fields: dict[str, Any]) -> str:
    """Hash what a manifest says, fields that this version does not know included."""
    said = {name: value for name, value in fields.items() if name != "checksum"}
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


def broken_chain(pages: list[PageManifest], first: int) -> str | None:
    """Say where pages do not lead from one to the next; None if they do.

    Args:
        pages: in their order.
        first: the number that the first of them must have.
    """
    for number, page in enumerate(pages, first):
        if page.number != number:
            return f"its page {number} is called {page.number}"
    for page, following in pairwise(pages):
        if page.next_path != following.path:
            return f"its page {page.number} does not lead to page {following.number}"
    return None


def contradiction(
    snapshot: SnapshotManifest, kind: str, snapshot_date: date, names: set[str]
) -> str | None:
    """Say what the manifest of a crawl says that cannot be so; None for nothing.

    Args:
        kind, snapshot_date: those of the folder that it lies in.
        names: of the files in that folder.
    """
    if (snapshot.kind, snapshot.snapshot_date) != (kind, snapshot_date):
        return f"it is of {snapshot.kind} for {snapshot.snapshot_date}"
    if not snapshot.pages or snapshot.pages[-1].next_path is not None:
        return "its last page is not the end of a listing"
    if why := broken_chain(snapshot.pages, 1):
        return why
    others = {int(found[1]) for found in map(_PAGE_MANIFEST.fullmatch, names) if found}
    if others - set(range(1, len(snapshot.pages) + 1)):
        return f"it names {len(snapshot.pages)} pages, and there are {len(others)}"
    return None


def page_name(number: int, suffix: str = PAGE_SUFFIX) -> str:
    """Name the file of a page."""
    return f"page-{number:06d}{suffix}"


def manifest_name(number: int) -> str:
    """Name the manifest of a page."""
    return f"page-{number:06d}.manifest.json"
