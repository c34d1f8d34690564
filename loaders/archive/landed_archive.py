"""An archive as the landing zone has it, for a run that asks nobody."""

from loaders.archive.files import ArchiveFile, Content, UnusableFileError
from loaders.landing.catalog import landed_dates
from loaders.landing.landed_file import LandedFile


class LandedArchive:
    """The files of an archive that are in the landing zone, whole.

    Args:
        root: of the landing zone.
        source_key: the folder of the archive in it.
        name, key: as ``Archive`` has them.
    """

    def __init__(self, root: str, source_key: str, name: str, key: str) -> None:
        self.name = name
        self.key = key
        self.licence: str | None = None  # each file says its own
        self._root = root
        self._source_key = source_key

    def files(self, kind: str) -> list[ArchiveFile]:
        """List the files of a kind, the oldest first, as ``Archive`` has it."""
        files = []
        for day in reversed(landed_dates(self._root, self._source_key, kind)):
            landed = LandedFile(self._root, self._source_key, kind, day, is_read_only=True)
            file = landed.file
            if landed.snapshot is not None and file is not None:
                identity = file.identity
                files.append(
                    ArchiveFile(
                        *(kind, file.path, day, file.archive_date, file.revision, identity),
                        size=file.size,
                    )
                )
        return files

    def settle(self, file: ArchiveFile) -> ArchiveFile:
        """Give the file: all is known of it."""
        return file

    def open(self, file: ArchiveFile) -> Content:
        """Refuse: it is read from the landing zone."""
        raise UnusableFileError(f"{file} is not in the landing zone. It was not loaded.")
