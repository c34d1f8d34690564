"""Archives and their files: what every kind of archive can tell and give."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from loaders.errors import LoaderError

LAYOUTS = ("weekly", "revisions")


class UnusableFileError(LoaderError):
    """A file of an archive cannot be used; another one may do."""


@dataclass(frozen=True)
class ArchiveFile:
    """One listing in an archive.

    Attributes:
        kind: ``models`` or ``datasets``.
        path: in the archive.
        snapshot_date: the day (UTC) that the Hub was listed on.
        archive_date: the archive's own date of it, such as the first day of a week.
        revision: the commit to read; None of a folder on disk.
        identity: of its content: another one is another file.
        size: bytes; 0 where it is not known yet.
    """

    kind: str
    path: str
    snapshot_date: date
    archive_date: date
    revision: str | None
    identity: str
    size: int

    def __str__(self) -> str:
        return f"{self.path} of {self.archive_date}" if self.revision else self.path


def archive_key(name: str, layout: str) -> str:
    """Make a name for an archive that can be a folder's: its last part, and a hash of it all."""
    slug = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[-60:]
    return f"{slug}-{hashlib.sha256(f'{name} {layout}'.encode()).hexdigest()[:8]}"


class Content(Protocol):
    """The bytes of one file.

    Attributes:
        size: how many there are.
        local: where it lies on this machine; None for one that is read over the network.
    """

    size: int
    local: Path | None

    @property
    def requests(self) -> int:
        """Requests made so far, retries included."""

    @property
    def rate_limited(self) -> int:
        """The requests that were answered with status 429."""

    def read(self, start: int, length: int) -> bytes:
        """Read a part.

        Raises:
            UnusableFileError: it is not there, or shorter.
            LoaderError: nobody answers.
        """


class Archive(Protocol):
    """A place with files of earlier listings.

    Attributes:
        name: as the user gave it.
        key: a name for it that can be a folder's.
        licence: in its own words; None where it names none.
    """

    name: str
    key: str
    licence: str | None

    def files(self, kind: str) -> list[ArchiveFile]:
        """List the files of a kind, the oldest first.

        Raises:
            LoaderError: the archive cannot be read.
        """

    def settle(self, file: ArchiveFile) -> ArchiveFile | None:
        """Complete what is known of a file; None where it is not there, or the one before it.

        Raises:
            UnusableFileError: it is there no more.
            LoaderError: the archive cannot be read.
        """

    def open(self, file: ArchiveFile) -> Content:
        """Open a settled file for reading.

        Raises:
            UnusableFileError: it is there no more.
        """
