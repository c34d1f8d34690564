"""The pages of one crawl in the landing zone."""

import functools
import hashlib
from collections.abc import Callable, Iterator
from datetime import date

import pyarrow as pa
from fsspec.implementations.local import LocalFileSystem

from loaders import clock
from loaders.errors import LoaderError
from loaders.landing.manifests import (
    PAGE_SUFFIX,
    SNAPSHOT_NAME,
    Manifest,
    PageManifest,
    SnapshotManifest,
    WrongChecksumError,
    broken_chain,
    contradiction,
    encode_manifest,
    manifest_name,
    page_name,
    read_manifest,
)
from loaders.landing.read_ahead import read_ahead
from loaders.landing.removal import MARK, remove_folder
from loaders.landing.storage import open_folder, read_file, wrap_storage_errors
from loaders.limits import MAX_PAGE_BYTES

# Level 1 of zstd: three times faster than the network, a sixth of the bytes.
_CODEC = pa.Codec("zstd", compression_level=1)

# How far a bucket's pages are read ahead of the one that is decoded: enough to hide its latency,
# and at most so many bytes beside what a load needs anyway.
READ_AHEAD_PAGES = 8
READ_AHEAD_BYTES = 64_000_000


class LandedCrawl:
    """The pages of one kind, source and snapshot date, complete or on the way.

    Args:
        root: a folder or any URL that fsspec knows, such as ``gs://bucket/landing``.
        source_key: a name for the source that can be a folder's.
        kind: ``models`` or ``datasets``.
        snapshot_date: the day (UTC) that the crawl stands for.
        is_read_only: leave the landing zone as it is, and make no folder.

    Raises:
        LoaderError: the landing zone cannot be read or written.
    """

    _SUFFIX = PAGE_SUFFIX
    _ANEW = (
        "run again with --refetch to crawl this snapshot anew, which of a Hub at an address can be "
        "done on its day alone"
    )

    def __init__(
        self,
        root: str,
        source_key: str,
        kind: str,
        snapshot_date: date,
        *,
        is_read_only: bool = False,
    ) -> None:
        self.kind = kind
        self.snapshot_date = snapshot_date
        self.snapshot: SnapshotManifest | None = None
        self.pages: list[PageManifest] = []
        self._fs, self.folder, names = open_folder(
            root, f"{source_key}/{kind}/{snapshot_date}", make=not is_read_only
        )
        if MARK in names:  # a kill cut the removal short
            if not is_read_only:
                self.remove()
                open_folder(root, f"{source_key}/{kind}/{snapshot_date}")
            return
        self.snapshot = self._read(SNAPSHOT_NAME, SnapshotManifest)
        if self.snapshot and (why := contradiction(self.snapshot, kind, snapshot_date, names)):
            raise self._edited(SNAPSHOT_NAME, why)
        self.pages = self.snapshot.pages if self.snapshot else self._committed_pages(names)

    def _committed_pages(self, names: set[str]) -> list[PageManifest]:
        pages: list[PageManifest] = []
        while (name := manifest_name(len(pages) + 1)) in names:
            page = self._read(name, PageManifest)
            if page is None:  # cut short by a kill, so it was the last one written
                break
            pages.append(page)
            if why := broken_chain(pages[-2:], len(pages[:-1]) or 1):
                raise self._edited(name, why)
        later = [n for n in names if n > manifest_name(len(pages) + 1) and ".manifest." in n]
        if later:
            raise LoaderError(
                f"{self.folder} lacks the manifest of page {len(pages) + 1} but holds later ones: "
                "it was damaged. Restore the manifest; or remove the folder, and the next run "
                "crawls it anew, which of a Hub at an address can be done on its day alone."
            )
        return pages

    @property
    def next_path(self) -> str | None:
        """The path to go on with: None before the first page and after the last."""
        return self.pages[-1].next_path if self.pages else None

    @property
    def is_listed_to_the_end(self) -> bool:
        """True once the last page is there, be the snapshot declared complete or not."""
        return bool(self.pages) and self.pages[-1].next_path is None

    def add_page(
        self,
        body: bytes,
        *,
        path: str,
        next_path: str | None,
        records: int,
        last_id: str,
        requests: int,
        rate_limited: int,
        middle_id: str = "",
        cursor: str = "",
        out_of_order: int = 0,
    ) -> None:
        """Keep one more page; it is committed when this returns."""
        page = PageManifest(
            number=len(self.pages) + 1,
            path=path,
            next_path=next_path,
            records=records,
            bytes=len(body),
            sha256=hashlib.sha256(body).hexdigest(),
            requests=requests,
            rate_limited=rate_limited,
            fetched_at=clock.now(),
            last_id=last_id,
            middle_id=middle_id,
            cursor=cursor,
            out_of_order=out_of_order,
        )
        self._write(page_name(page.number, self._SUFFIX), self._pack(body))
        self._write(manifest_name(page.number), encode_manifest(page))
        self.pages.append(page)

    @staticmethod
    def _pack(body: bytes) -> bytes:
        packed: bytes = _CODEC.compress(body, asbytes=True)
        return packed

    @staticmethod
    def _unpack(content: bytes, size: int) -> bytes:
        body: bytes = _CODEC.decompress(content, size, asbytes=True)
        return body

    def complete(self, source: str) -> SnapshotManifest:
        """Declare the crawl a snapshot: its listing ended."""
        times = [page.fetched_at for page in self.pages]
        self.snapshot = SnapshotManifest(
            kind=self.kind,
            source=source,
            snapshot_date=self.snapshot_date,
            started_at=min(times),  # not the first page's: a clock can be set back
            finished_at=max(times),
            pages=self.pages,
        )
        self._write(SNAPSHOT_NAME, encode_manifest(self.snapshot))
        return self.snapshot

    def bodies(self) -> Iterator[tuple[int, bytes]]:
        """Replay the pages: each one's number and its body, checked against its checksum.

        Raises:
            LoaderError: a page is missing or is not what was received.
        """
        for page, content in self._contents():
            name = page_name(page.number, self._SUFFIX)
            if page.bytes > MAX_PAGE_BYTES:  # so much memory would be taken at once
                raise self._damaged(name, f"it would have {page.bytes:,} bytes")
            try:
                body = self._unpack(content(), page.bytes)
            except (OSError, ValueError) as error:  # pyarrow's are either
                raise self._damaged(name, str(error)) from error
            if hashlib.sha256(body).hexdigest() != page.sha256:
                raise self._damaged(name, "its checksum differs")
            yield page.number, body

    def _contents(self) -> Iterator[tuple[PageManifest, Callable[[], bytes]]]:
        """Yield each page with a function that gives its file, or raises why it cannot be read."""

        def read(page: PageManifest) -> bytes:
            name = page_name(page.number, self._SUFFIX)
            return read_file(self._fs, f"{self.folder}/{name}")

        if isinstance(self._fs, LocalFileSystem):  # nothing to wait for
            return ((page, functools.partial(read, page)) for page in self.pages)
        return read_ahead(
            self.pages,
            read,
            size=lambda page: page.bytes,  # its file is smaller
            most_items=READ_AHEAD_PAGES,
            most_bytes=READ_AHEAD_BYTES,
        )

    def remove(self) -> None:
        """Remove this crawl and its folder. One that is killed is ended by the next opening."""
        remove_folder(self._fs, self.folder)
        self.pages, self.snapshot = [], None

    def _edited(self, name: str, why: str) -> LoaderError:
        return LoaderError(
            f"{self.folder}/{name} is not as it was written: {why}. Nothing was loaded. Restore "
            "the file; where there is no copy, remove it: what it says of a page is then asked of "
            "the Hub again, and snapshot.json is written again from the pages."
        )

    def _damaged(self, name: str, why: str) -> LoaderError:
        return LoaderError(
            f"{self.folder}/{name} is not the page that was received: {why}. Nothing was loaded. "
            f"Restore the file, or {self._ANEW}."
        )

    def _read(self, name: str, kind: type[Manifest]) -> Manifest | None:
        try:
            return read_manifest(self._fs, f"{self.folder}/{name}", kind)
        except WrongChecksumError as error:
            raise self._edited(name, "its checksum differs") from error

    def _write(self, name: str, content: bytes) -> None:
        with wrap_storage_errors(
            f"{self.folder}/{name} cannot be written",
            "Make room or give the right to write, then run the same command again: the crawl "
            "goes on from this page.",
        ):
            self._fs.pipe_file(f"{self.folder}/{name}", content)
