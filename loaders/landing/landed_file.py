"""The needed columns of one file of an archive in the landing zone.

A file is kept as a crawl is: its rows in parts, each of them parquet with a manifest, in the types
that the file has. A part's path is the number of its first row. Beside them ``file.json`` says
what was read, and ``verdict.json`` whether the file repeats the one before it.
"""

from datetime import date

import msgspec

from loaders.landing.landed_crawl import LandedCrawl
from loaders.landing.manifests import encode_manifest
from loaders.landing.storage import open_folder

_FILE_NAME = "file.json"
_VERDICT_NAME = "verdict.json"


class ArchivedFile(msgspec.Struct, frozen=True):
    """The facts of a file that was read.

    Attributes:
        archive: where the archive is, as the user gave it.
        path: of the file in the archive.
        revision: the commit that was read; None of a folder on disk.
        identity: of its content; another one is another file.
        size: bytes of the whole file.
        archive_date: the archive's own date of the file.
        licence: of the archive, in its own words; None where it names none.
        columns: those that were read.
        rows: of the file.
    """

    archive: str
    path: str
    revision: str | None
    identity: str
    size: int
    archive_date: date
    licence: str | None
    columns: list[str]
    rows: int

    @property
    def obtained_from(self) -> str:
        """The file, as ``hub_raw.snapshots`` names it."""
        return f"{self.archive}/{self.path}"


class Verdict(msgspec.Struct, frozen=True):
    """The comparison of a file with the archive's own file before it.

    Attributes:
        is_frozen: whether it repeats that one; None where nothing could be compared.
        compared_with: the identity of that one; empty where there is none.
        shared: repositories that both have, with downloads in both.
        same: those of them with the very same count.
    """

    is_frozen: bool | None
    compared_with: str = ""
    shared: int = 0
    same: int = 0


class LandedFile(LandedCrawl):
    """The rows that were read of one file of an archive, complete or on the way.

    Args:
        root, source_key, kind, snapshot_date, is_read_only: as ``LandedCrawl`` has them.

    Attributes:
        file: what is known of the file; None where nothing of it was read.
        verdict: whether it is frozen; None where nobody has looked.

    Raises:
        LoaderError: the landing zone cannot be read or written.
    """

    _SUFFIX = ".parquet"
    _ANEW = "remove the folder: the next run reads the file from the archive again"

    def __init__(
        self,
        root: str,
        source_key: str,
        kind: str,
        snapshot_date: date,
        *,
        is_read_only: bool = False,
    ) -> None:
        self._place = (root, f"{source_key}/{kind}/{snapshot_date}")
        super().__init__(root, source_key, kind, snapshot_date, is_read_only=is_read_only)
        self.file = self._read(_FILE_NAME, ArchivedFile)
        self.verdict = self._read(_VERDICT_NAME, Verdict)

    @property
    def rows(self) -> int:
        """Rows that are landed."""
        return sum(page.records for page in self.pages)

    def begin(self, file: ArchivedFile) -> None:
        """Make it the place of a file: what is there of another one is removed."""
        if self.file == file:
            return
        if self.file or self.pages:
            self.remove()
            open_folder(*self._place)
        self.file, self.verdict = file, None
        self._write(_FILE_NAME, encode_manifest(file))

    def judge(self, verdict: Verdict) -> None:
        """Keep the verdict on the file."""
        self.verdict = verdict
        self._write(_VERDICT_NAME, encode_manifest(verdict))

    @staticmethod
    def _pack(body: bytes) -> bytes:
        return body  # parquet is compressed already

    @staticmethod
    def _unpack(content: bytes, size: int) -> bytes:
        if len(content) != size:
            raise ValueError(f"it has {len(content):,} bytes, and not {size:,}")
        return content
