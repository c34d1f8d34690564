"""The landing zone: every page of a crawl, kept as received, and every answer on one model.

One folder holds one crawl, ``<root>/<source>/<kind>/<snapshot_date>/``:

* ``page-000001.json.zst``: the body of a page, as received, compressed;
* ``page-000001.manifest.json``: written after its page. It names the next page, the count and
  a checksum. A page counts only when its manifest can be read;
* ``snapshot.json``: written after the last page. Its presence makes the snapshot complete;
* ``removed``: written before the pages are removed. Whatever else is there counts no more.

A manifest is committed by being whole JSON: one that a kill cut short does not parse, and is
no manifest. This needs no rename, so a bucket works as a folder does.

Each manifest holds a checksum of itself, so that an edit is found out, though not one by somebody
who makes the checksum anew. Manifests of older versions have none: of those it is known that the
pages lead from one to the next, to an end, and that there are no others.

Another holds the answers to one question, ``<root>/<source>/<question>/``: a file for each
batch, ``20261031T235959.123456Z.jsonl``, in which each answer is a line of JSON.
"""

import functools
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any, Generic, TypeVar

import fsspec
import msgspec
import pyarrow as pa
from fsspec.implementations.local import LocalFileSystem

from loaders import clock, google_cloud
from loaders.errors import LoaderError
from loaders.landing.read_ahead import read_ahead
from loaders.limits import MAX_PAGE_BYTES

# Level 1 of zstd: three times faster than the network, a sixth of the bytes.
_CODEC = pa.Codec("zstd", compression_level=1)

# How far a bucket's pages are read ahead of the one that is decoded: enough to hide its latency,
# and at most so many bytes beside what a load needs anyway.
READ_AHEAD_PAGES = 8
READ_AHEAD_BYTES = 64_000_000

_REMOVED = "removed"
_MOST_QUOTED = 300  # characters of what a bucket says
_PAGE_MANIFEST = re.compile(r"page-(\d{6,})\.manifest\.json")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")

T = TypeVar("T", bound=msgspec.Struct)


class PageManifest(msgspec.Struct, frozen=True):
    """What is known of one page. Paths of the Hub carry no host: a local Hub changes its port."""

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
    cursor: str = ""  # what its link said of where the next page begins: the Hub's CursorState


class SnapshotManifest(msgspec.Struct, frozen=True):
    """What is known of one complete crawl."""

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
        if _REMOVED in names:  # a kill cut the removal short
            if not is_read_only:
                self.remove()
                open_folder(root, f"{source_key}/{kind}/{snapshot_date}")
            return
        self.snapshot = self._read("snapshot.json", SnapshotManifest)
        if self.snapshot and (why := self._is_edited(self.snapshot, names)):
            raise self._edited("snapshot.json", why)
        self.pages = self.snapshot.pages if self.snapshot else self._committed_pages(names)

    def _committed_pages(self, names: set[str]) -> list[PageManifest]:
        pages: list[PageManifest] = []
        while (name := _manifest_name(len(pages) + 1)) in names:
            page = self._read(name, PageManifest)
            if page is None:  # cut short by a kill, so it was the last one written
                break
            pages.append(page)
            if why := _broken_chain(pages[-2:], len(pages[:-1]) or 1):
                raise self._edited(name, why)
        later = [n for n in names if n > _manifest_name(len(pages) + 1) and ".manifest." in n]
        if later:
            raise LoaderError(
                f"{self.folder} lacks the manifest of page {len(pages) + 1} but holds later ones: "
                "it was damaged. Restore the manifest; or remove the folder, and the next run "
                "crawls it anew, which of a Hub at an address can be done on its day alone."
            )
        return pages

    @property
    def next_path(self) -> str | None:
        """Where to go on: None before the first page and after the last."""
        return self.pages[-1].next_path if self.pages else None

    @property
    def is_listed_to_the_end(self) -> bool:
        """Whether the last page is there, be the snapshot declared complete or not."""
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
        self._write(_page_name(page.number), _CODEC.compress(body, asbytes=True))
        self._write(_manifest_name(page.number), _with_checksum(page))
        self.pages.append(page)

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
        self._write("snapshot.json", _with_checksum(self.snapshot))
        return self.snapshot

    def bodies(self) -> Iterator[tuple[int, bytes]]:
        """Replay the pages: each one's number and its body, checked against its checksum.

        Raises:
            LoaderError: a page is missing or is not what was received.
        """
        for page, content in self._contents():
            name = _page_name(page.number)
            if page.bytes > MAX_PAGE_BYTES:  # so much memory would be taken at once
                raise self._damaged(name, f"it would have {page.bytes:,} bytes")
            try:
                body = _CODEC.decompress(content(), page.bytes, asbytes=True)
            except (OSError, ValueError) as error:  # pyarrow's are either
                raise self._damaged(name, str(error)) from error
            if hashlib.sha256(body).hexdigest() != page.sha256:
                raise self._damaged(name, "its checksum differs")
            yield page.number, body

    def _contents(self) -> Iterator[tuple[PageManifest, Callable[[], bytes]]]:
        """Each page, and what gives its file or raises why it cannot be read."""

        def read(page: PageManifest) -> bytes:
            return _content(self._fs, f"{self.folder}/{_page_name(page.number)}")

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
        _remove(self._fs, self.folder)
        self.pages, self.snapshot = [], None

    def _is_edited(self, snapshot: SnapshotManifest, names: set[str]) -> str | None:
        """What a manifest says that cannot be so; None for nothing."""
        if (snapshot.kind, snapshot.snapshot_date) != (self.kind, self.snapshot_date):
            return f"it is of {snapshot.kind} for {snapshot.snapshot_date}"
        if not snapshot.pages or snapshot.pages[-1].next_path is not None:
            return "its last page is not the end of a listing"
        if why := _broken_chain(snapshot.pages, 1):
            return why
        others = {int(found[1]) for found in map(_PAGE_MANIFEST.fullmatch, names) if found}
        if others - set(range(1, len(snapshot.pages) + 1)):
            return f"it names {len(snapshot.pages)} pages, and there are {len(others)}"
        return None

    def _edited(self, name: str, why: str) -> LoaderError:
        return LoaderError(
            f"{self.folder}/{name} is not as it was written: {why}. Nothing was loaded. Restore "
            "the file; where there is no copy, remove it: what it says of a page is then asked of "
            "the Hub again, and snapshot.json is written again from the pages."
        )

    def _damaged(self, name: str, why: str) -> LoaderError:
        return LoaderError(
            f"{self.folder}/{name} is not the page that was received: {why}. Nothing was loaded. "
            "Restore the file, or run again with --refetch to crawl this snapshot anew, which of a "
            "Hub at an address can be done on its day alone."
        )

    def _read(self, name: str, kind: type[T]) -> T | None:
        try:
            return _read(self._fs, f"{self.folder}/{name}", kind)
        except _WrongChecksum as error:
            raise self._edited(name, "its checksum differs") from error

    def _write(self, name: str, content: bytes) -> None:
        with told_plainly(
            f"{self.folder}/{name} cannot be written",
            "Make room or give the right to write, then run the same command again: the crawl "
            "goes on from this page.",
        ):
            self._fs.pipe_file(f"{self.folder}/{name}", content)


class LandedAnswers(Generic[T]):
    """The answers to one question on single models, each kept as soon as it has come.

    In a folder an answer is safe once ``add`` returns. A bucket takes whole objects only: there
    a kill costs what was added since the last ``end_batch``.

    Args:
        root, source_key: as ``LandedCrawl`` has them.
        question: what was asked, such as ``parameters``.
        answer_type: what one line holds.

    Raises:
        LoaderError: the landing zone cannot be read or written.
    """

    def __init__(self, root: str, source_key: str, question: str, answer_type: type[T]) -> None:
        self._fs, self.folder, names = open_folder(root, f"{source_key}/{question}")
        self.batches = sorted(  # of earlier runs
            name.removesuffix(".jsonl") for name in names if name.endswith(".jsonl")
        )
        self._answer = msgspec.json.Decoder(answer_type)
        self._batch = ""
        self._file: Any = None

    def add(self, answer: T) -> None:
        """Keep one more answer, in a batch of its own if none was begun."""
        if self._file is None:
            self._batch = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        with self._told_plainly():
            if self._file is None:
                self._file = self._fs.open(self._path(self._batch), "wb")
            self._file.write(msgspec.json.encode(answer) + b"\n")
            self._file.flush()

    def end_batch(self) -> str | None:
        """Close the batch that was begun, if one was; gives its name."""
        if self._file is None:
            return None
        with self._told_plainly():
            self._file.close()
        self._file = None
        return self._batch

    def read(self, batch: str) -> list[T]:
        """The answers of a batch that has ended. A line that a kill cut short is none."""
        try:
            lines = _content(self._fs, self._path(batch)).split(b"\n")
            lines.pop()  # nothing, or what came after the last end of a line
            return [self._answer.decode(line) for line in lines]
        except (FileNotFoundError, msgspec.DecodeError) as error:
            raise LoaderError(
                f"{self._path(batch)} is not as it was written: {error}. Restore the file, or "
                "remove it; its models are then asked for again."
            ) from error

    def _path(self, batch: str) -> str:
        return f"{self.folder}/{batch}.jsonl"

    def _told_plainly(self) -> AbstractContextManager[None]:
        return told_plainly(
            f"{self._path(self._batch)} cannot be written",
            "Make room or give the right to write, then run the same command again: it goes on "
            "from here.",
        )


def landed_dates(root: str, source_key: str, kind: str) -> list[date]:
    """The days of which something is there, be their crawl complete or not, newest first."""
    _, _, names = open_folder(root, f"{source_key}/{kind}", make=False)
    return sorted(map(date.fromisoformat, filter(_DATE.fullmatch, names)), reverse=True)


def landed_snapshot(
    root: str, source_key: str, kind: str, snapshot_date: date
) -> SnapshotManifest | None:
    """A complete crawl, without a look at its pages; None if there is none."""
    fs, folder, is_removed = _marked(root, source_key, kind, snapshot_date)
    if is_removed:
        return None
    with suppress(_WrongChecksum):  # a load of it says what is wrong
        return _read(fs, f"{folder}/snapshot.json", SnapshotManifest)
    return None


def end_removal(root: str, source_key: str, kind: str, snapshot_date: date) -> bool:
    """Remove what is left of a crawl whose removal a kill cut short; gives whether it was so."""
    fs, folder, is_removed = _marked(root, source_key, kind, snapshot_date)
    if is_removed:
        _remove(fs, folder)
    return is_removed


def landed_snapshots(root: str, kinds: Iterable[str]) -> Iterator[SnapshotManifest]:
    """Every complete crawl in the landing zone, of whatever source."""
    _, _, sources = open_folder(root, "", make=False)
    for source_key in sorted(sources):
        for kind in kinds:
            for snapshot_date in landed_dates(root, source_key, kind):
                if manifest := landed_snapshot(root, source_key, kind, snapshot_date):
                    yield manifest


def open_folder(
    root: str, folder: str, *, make: bool = True
) -> tuple[fsspec.AbstractFileSystem, str, set[str]]:
    """A folder of the landing zone: where it is, and the names in it.

    Args:
        make: make the folder if need be; else one that is not there is empty.

    Raises:
        LoaderError: the landing zone cannot be read or written.
    """
    with _told_of_root(root):
        fs, path = fsspec.core.url_to_fs(root)
        path = f"{path.rstrip('/')}/{folder}".rstrip("/")
        if make:
            fs.makedirs(path, exist_ok=True)
        elif not fs.isdir(path):
            return fs, path, set()
        return fs, path, names_in(fs, path)


def names_in(fs: fsspec.AbstractFileSystem, folder: str) -> set[str]:
    """The names in a folder; none in one that is not there, as a bucket has no empty folder."""
    try:
        return {path.rsplit("/", 1)[-1] for path in fs.ls(folder, detail=False)}
    except FileNotFoundError:
        return set()


@contextmanager
def told_plainly(problem: str, advice: str, *expected: type[Exception]) -> Iterator[None]:
    """Tell whatever goes wrong in the landing zone in one line.

    Each kind of bucket has errors of its own, and not all are an OSError: gcsfs raises those of
    google.auth, requests, aiohttp and asyncio, too. Some say nothing, others quote a whole page.

    Raises:
        LoaderError: instead of any error but the expected ones.
    """
    try:
        yield
    except (LoaderError, *expected):
        raise
    except Exception as error:
        if explained := google_cloud.explanation(error):
            raise LoaderError(f"{problem}: {explained}") from error
        said = " ".join(str(error).split())[:_MOST_QUOTED].rstrip(".") or type(error).__name__
        raise LoaderError(f"{problem}: {said}. {advice}") from error


def _told_of_root(root: str) -> AbstractContextManager[None]:
    return told_plainly(
        f"The landing zone {root} cannot be used",
        "Set HUB_LANDING to a folder or bucket that can be written; if it is out of reach for a "
        "while, run the same command again.",
    )


def _marked(
    root: str, source_key: str, kind: str, snapshot_date: date
) -> tuple[fsspec.AbstractFileSystem, str, bool]:
    """Where the folder of a crawl is, and whether it is marked as removed."""
    with _told_of_root(root):
        fs, path = fsspec.core.url_to_fs(root)
        folder = f"{path.rstrip('/')}/{source_key}/{kind}/{snapshot_date}"
        return fs, folder, fs.exists(f"{folder}/{_REMOVED}")


def _remove(fs: fsspec.AbstractFileSystem, folder: str) -> None:
    with told_plainly(
        f"{folder} cannot be removed", "Give the right to do so, then run the same command again."
    ):
        fs.pipe_file(f"{folder}/{_REMOVED}", b"")
        fs.invalidate_cache(folder)
        paths = fs.ls(folder, detail=False)
        if others := [path for path in paths if not path.endswith(f"/{_REMOVED}")]:
            fs.rm(others)
        fs.rm(folder, recursive=True)


class _WrongChecksum(Exception):
    """A manifest is not as it was written."""


def _with_checksum(manifest: msgspec.Struct) -> bytes:
    fields = msgspec.json.decode(msgspec.json.encode(manifest))
    return msgspec.json.encode(fields | {"checksum": _checksum(fields)})


def _checksum(fields: dict[str, Any]) -> str:
    """Of what a manifest says, fields that this version does not know included."""
    said = {name: value for name, value in fields.items() if name != "checksum"}
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


def _broken_chain(pages: list[PageManifest], first: int) -> str | None:
    """Where pages, numbered from ``first``, do not lead from one to the next; None if they do."""
    for number, page in enumerate(pages, first):
        if page.number != number:
            return f"its page {number} is called {page.number}"
    for page, following in pairwise(pages):
        if page.next_path != following.path:
            return f"its page {page.number} does not lead to page {following.number}"
    return None


def _read(fs: fsspec.AbstractFileSystem, path: str, kind: type[T]) -> T | None:
    """What a manifest says; None if it is not there or was cut short.

    Raises:
        _WrongChecksum: it has one, and not its own.
    """
    try:
        content = _content(fs, path)
        manifest = msgspec.json.decode(content, type=kind)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    fields = msgspec.json.decode(content)
    if fields.get("checksum", "") not in ("", _checksum(fields)):
        raise _WrongChecksum(path)
    return manifest


def _content(fs: fsspec.AbstractFileSystem, path: str) -> bytes:
    """Raises FileNotFoundError: it is not there. LoaderError: it cannot be read."""
    with told_plainly(
        f"{path} cannot be read",
        "Give the right to read, or wait until it is back; then run the same command again.",
        FileNotFoundError,
    ):
        return fs.cat_file(path)


def _page_name(number: int) -> str:
    return f"page-{number:06d}.json.zst"


def _manifest_name(number: int) -> str:
    return f"page-{number:06d}.manifest.json"
