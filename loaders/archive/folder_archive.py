"""An archive that is a folder on this machine, in the layout that a repository has."""

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from loaders.archive.dates import day_of_newest_change
from loaders.archive.files import ArchiveFile, Content, UnusableFileError, archive_key
from loaders.errors import LoaderError
from loaders.sources import read_folder_facts

_FINGERPRINT = 1_000_000  # bytes at the end of a file, where a parquet file has its footer


class LocalContent:
    """The bytes of one file on this machine, as ``Content`` has it."""

    requests = 0
    rate_limited = 0

    def __init__(self, path: Path) -> None:
        self.local: Path | None = path
        self._path = path
        try:
            self.size = path.stat().st_size
        except OSError as error:
            raise _unreadable(path, error) from error

    def read(self, start: int, length: int) -> bytes:
        """Read a part, as ``Content`` has it."""
        try:
            with self._path.open("rb") as file:
                file.seek(start)
                content = file.read(length)
        except OSError as error:
            raise _unreadable(self._path, error) from error
        if len(content) != length:
            raise UnusableFileError(f"{self._path} became shorter. It was not loaded.")
        return content


class FolderArchive:
    """A folder with earlier listings.

    Args:
        folder: it has ``<kind>/<date>/<kind>.parquet`` (weekly), or ``<kind>.parquet`` (revisions).
            A ``hub.json`` in it may name its licence, and the Hub that it is of.
        layout: one of ``LAYOUTS``.
        hub: the Hub whose listings they are to be.

    Raises:
        LoaderError: it says that it is of another Hub.
    """

    def __init__(self, folder: Path, layout: str, hub: str) -> None:
        self._folder = folder.resolve()
        self._layout = layout
        self.name = str(self._folder)
        self.key = archive_key(self.name, layout)
        facts = read_folder_facts(folder)
        if facts is not None and facts.source != hub:
            raise LoaderError(
                f"{folder / 'hub.json'} says that its listings are of {facts.source}, and --hub "
                f"says {hub}. Give --hub {facts.source}."
            )
        self.licence = facts.licence if facts else None

    def files(self, kind: str) -> list[ArchiveFile]:
        """List the files of a kind, the oldest first, as ``Archive`` has it."""
        return sorted(self._find(kind), key=lambda file: (file.snapshot_date, file.archive_date))

    def settle(self, file: ArchiveFile) -> ArchiveFile:
        """Give the file: all is known of it."""
        return file

    def open(self, file: ArchiveFile) -> Content:
        """Open a file, as ``Archive`` has it."""
        return LocalContent(self._folder / file.path)

    def _find(self, kind: str) -> Iterator[ArchiveFile]:
        if self._layout == "revisions":
            path = self._folder / f"{kind}.parquet"
            if path.is_file():
                yield self._file(kind, path, None)
            return
        for path in self._folder.glob(f"{kind}/*/{kind}.parquet"):
            try:
                week = date.fromisoformat(path.parent.name)
            except ValueError:
                continue
            yield self._file(kind, path, week)

    def _file(self, kind: str, path: Path, week: date | None) -> ArchiveFile:
        content = LocalContent(path)
        try:
            day = day_of_newest_change(content, str(path))
        except UnusableFileError:
            if week is None:
                raise
            day = week  # opening it says what is wrong
        length = min(_FINGERPRINT, content.size)
        end = content.read(content.size - length, length)
        return ArchiveFile(
            kind=kind,
            path=path.relative_to(self._folder).as_posix(),
            snapshot_date=day,
            archive_date=week or day,
            revision=None,
            identity=f"{content.size}-{hashlib.sha256(end).hexdigest()}",
            size=content.size,
        )


def _unreadable(path: Path, error: OSError) -> UnusableFileError:
    return UnusableFileError(f"{path} cannot be read: {error.strerror}. It was not loaded.")
