"""The summary of a run, for machines: the file of ``--summary``."""

import os
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

from loaders.hub.next_link import CursorState
from loaders.hub.session import RequestCount
from loaders.landing.manifests import PageManifest
from loaders.warehouse.raw_tables import LoadedSnapshot
from loaders.warehouse.snapshots import KeptSnapshot


class ListingSummary(msgspec.Struct):
    """The pages, costs and rows of one listing.

    What is counted of the pages is of all that are landed, by this run or an earlier one. What
    follows ``is_loaded`` is null until the snapshot is in the warehouse.
    """

    listed: int = 0  # records on the pages
    pages: int = 0
    pages_fetched: int = 0  # of these, by this run
    requests: int = 0
    rate_limited: int = 0
    bytes: int = 0  # uncompressed
    out_of_order: int = 0  # records that came again, or before one that they should follow
    cursors_that_differ: int = 0  # pages whose link does not begin at their last record
    cursors_unchecked: int = 0  # pages whose cursor nobody could check
    crawl_seconds: float = 0.0
    is_loaded: bool = False
    load_seconds: float | None = None
    records: int | None = None
    rejects: dict[str, int] | None = None  # by reason
    without_created_at: int | None = None
    tags_cut: int | None = None  # beyond the limits, left out of the records
    is_forced: bool | None = None
    overruled: str | None = None  # names of all guards that were

    def count_pages(self, pages: Sequence[PageManifest]) -> None:
        """Sum up the pages that are landed."""
        self.pages = len(pages)
        self.listed = sum(page.records for page in pages)
        self.requests = sum(page.requests for page in pages)
        self.rate_limited = sum(page.rate_limited for page in pages)
        self.bytes = sum(page.bytes for page in pages)
        self.out_of_order = sum(page.out_of_order for page in pages)
        self.cursors_that_differ = sum(page.cursor == CursorState.DIFFERS for page in pages)
        self.cursors_unchecked = sum(page.cursor == CursorState.OPAQUE for page in pages)

    def count_load(self, loaded: LoadedSnapshot, seconds: float) -> None:
        """Take in what a load brought into the warehouse, and how long it took."""
        self.is_loaded = True
        self.load_seconds = round(seconds, 3)
        self.records = loaded.snapshot.records
        self.rejects = {str(reason): count for reason, count in loaded.rejects.items()}
        self.without_created_at = loaded.snapshot.without_created_at
        self.tags_cut = loaded.snapshot.tags_cut
        self.is_forced = loaded.snapshot.is_forced
        self.overruled = loaded.snapshot.overruled


class ArchiveSummary(msgspec.Struct):
    """The files of one kind of listing that were read from an archive by this run."""

    loaded: list[date] = []  # the snapshot dates
    records: int = 0  # in the warehouse
    rejects: int = 0
    frozen: int = 0  # files that repeat the one before them
    refused: int = 0  # files that cannot be used
    requests: int = 0
    bytes_read: int = 0  # of the needed columns
    seconds: float = 0.0  # of those that were loaded

    def count(self, snapshot: KeptSnapshot, seconds: float) -> None:
        """Take in a snapshot that was loaded."""
        self.loaded.append(snapshot.snapshot_date)
        self.records += snapshot.records
        self.rejects += snapshot.rejects
        self.seconds = round(self.seconds + seconds, 3)


class RunSummary(msgspec.Struct):
    """One run of one command.

    ``asked`` is of the commands that ask about single models, ``listings`` of ``load``,
    ``archives`` of ``history``.
    """

    command: str
    target: str
    started_at: datetime
    finished_at: datetime | None = None
    seconds: float | None = None
    exit_code: int | None = None
    error: str | None = None
    hub: str | None = None
    snapshot_date: date | None = None
    requests: int = 0  # by this run, retries included
    rate_limited: int = 0  # of these, answered with 429
    listings: dict[str, ListingSummary] = {}
    archives: dict[str, ArchiveSummary] = {}
    asked: dict[str, Any] | None = None

    def count(self, *counts: RequestCount) -> None:
        """Add what was asked of the Hub."""
        self.requests += sum(count.total for count in counts)
        self.rate_limited += sum(count.rate_limited for count in counts)

    def write(self, path: Path, exit_code: int) -> None:
        """End the summary and write it, whole or not at all.

        Raises:
            OSError: it cannot be written.
        """
        self.exit_code = exit_code
        self.finished_at = datetime.now(UTC)
        self.seconds = round((self.finished_at - self.started_at).total_seconds(), 3)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(self)) + b"\n")
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
