"""An archive that is a dataset repository of a Hub."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from loaders.archive.dates import LAST_DAY_OF_A_WEEK, day_of_newest_change
from loaders.archive.files import ArchiveFile, Content, UnusableFileError, archive_key
from loaders.errors import LoaderError
from loaders.hub.next_link import next_url
from loaders.hub.repository import Answer, BadAnswerError, HubReader
from loaders.hub.retry import NoAnswerError
from loaders.hub.session import RequestCount

_NAME = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)
_WEEK = re.compile(r"(\d{4}-\d\d-\d\d)/")
_MAX_ANSWER = 20_000_000  # bytes of a page of a tree or of commits; the Hub's have 50 kB
_MAX_PAGES = 2_000
_MAX_LICENCE = 500


class _Commit(msgspec.Struct):
    id: str
    date: datetime


class _Stored(msgspec.Struct):
    oid: str


class _Entry(msgspec.Struct):
    type: str
    path: str
    oid: str
    size: int = 0
    lfs: _Stored | None = None
    last_commit: _Commit | None = msgspec.field(default=None, name="lastCommit")

    @property
    def identity(self) -> str:
        """The hash of its content."""
        return self.lfs.oid if self.lfs else self.oid


class _Card(msgspec.Struct):
    license: Any = None
    license_name: Any = None


class _Description(msgspec.Struct):
    sha: str
    card: _Card | None = msgspec.field(default=None, name="cardData")


class RemoteContent:
    """The bytes of one file of a repository, as ``Content`` has it."""

    def __init__(self, hub: HubReader, path: str, size: int, name: str) -> None:
        self.size = size
        self.local: Path | None = None
        self._hub, self._path, self._name = hub, path, name
        self._count = RequestCount()

    @property
    def requests(self) -> int:
        """Requests made of the Hub so far, retries included; its storage's are not counted."""
        return self._count.total

    @property
    def rate_limited(self) -> int:
        """The requests that were answered with status 429."""
        return self._count.rate_limited

    def read(self, start: int, length: int) -> bytes:
        """Read a part, as ``Content`` has it."""
        with _wrap_errors(self._name):
            return self._hub.get_part(self._path, self._count, start=start, length=length)


class HubArchive:
    """A dataset repository with earlier listings. Use within ``hub_session``.

    Args:
        name: ``hf://datasets/OWNER/NAME``.
        layout: one of ``LAYOUTS``.
        hub: asks the Hub that it is on.

    Raises:
        LoaderError: there is no such repository, or it cannot be read.
    """

    def __init__(self, name: str, layout: str, hub: HubReader) -> None:
        self.name = name
        repository = repository_of(name)
        self.key = archive_key(name, layout)
        self._layout = layout
        self._hub = hub
        self._repository = repository
        self._count = RequestCount()
        with _wrap_errors(name):
            described, _ = self._ask(f"/api/datasets/{repository}", _Description)
            if described is None:
                raise LoaderError(f"There is no dataset repository {name}.")
        self._head = described.sha
        self.licence = _licence(described.card or _Card())

    def files(self, kind: str) -> list[ArchiveFile]:
        """List the files of a kind, the oldest first, as ``Archive`` has it."""
        with _wrap_errors(self.name):
            files = list(self._weeks(kind) if self._layout == "weekly" else self._revisions(kind))
        return sorted(files, key=lambda file: (file.snapshot_date, file.archive_date))

    def settle(self, file: ArchiveFile) -> ArchiveFile | None:
        """Complete what is known of a file, as ``Archive`` has it."""
        if file.identity:
            return file
        with _wrap_errors(str(file)):
            entries = {entry.path: entry for entry in self._tree(file.revision or "", "")}
        entry = entries.get(file.path)
        if entry is None:
            return None
        commit = entry.last_commit
        if commit is not None and commit.id != file.revision:
            return None  # the commit changed something else
        return replace(file, identity=entry.identity, size=entry.size)

    def open(self, file: ArchiveFile) -> Content:
        """Open a settled file, as ``Archive`` has it."""
        path = f"/datasets/{self._repository}/resolve/{file.revision}/{quote(file.path)}"
        return RemoteContent(self._hub, path, file.size, str(file))

    def _weeks(self, kind: str) -> Iterator[ArchiveFile]:
        """Find ``<kind>/<date>/<kind>.parquet``."""
        for entry in self._tree(self._head, kind):
            week = _WEEK.fullmatch(
                entry.path.removeprefix(f"{kind}/").removesuffix(f"{kind}.parquet")
            )
            day = week and _day(week[1])
            if entry.type != "file" or not day or entry.last_commit is None:
                continue
            committed = entry.last_commit.date.astimezone(UTC).date()
            file = ArchiveFile(
                kind=kind,
                path=entry.path,
                snapshot_date=committed,
                archive_date=day,
                revision=entry.last_commit.id,
                identity=entry.identity,
                size=entry.size,
            )
            # A repository that was filled later, or whose commits were squashed, does not say by
            # its commits when the Hub was listed.
            if not day <= committed <= day + timedelta(days=LAST_DAY_OF_A_WEEK):
                try:
                    listed = day_of_newest_change(self.open(file), str(file))
                except UnusableFileError:
                    listed = day  # opening it says what is wrong
                file = replace(file, snapshot_date=listed)
            yield file

    def _revisions(self, kind: str) -> Iterator[ArchiveFile]:
        """Make a file of each commit: ``<kind>.parquet`` as it was then."""
        if f"{kind}.parquet" not in {entry.path for entry in self._tree(self._head, "")}:
            return
        path = f"/api/datasets/{self._repository}/commits/{quote(self._head, safe='')}"
        for commit in self._pages(path, list[_Commit]):
            day = commit.date.astimezone(UTC).date()
            yield ArchiveFile(kind, f"{kind}.parquet", day, day, commit.id, "", 0)

    def _tree(self, revision: str, folder: str) -> Iterator[_Entry]:
        base = f"/api/datasets/{self._repository}/tree/{quote(revision, safe='')}"
        recursive = "recursive=true&" if folder else ""
        where = f"{base}/{quote(folder)}" if folder else base
        return self._pages(f"{where}?{recursive}expand=true", list[_Entry], none_if_missing=True)

    def _pages(self, path: str, kind: Any, *, none_if_missing: bool = False) -> Iterator[Any]:
        """Walk a list to its end."""
        following: str | None = path
        for _ in range(_MAX_PAGES):
            if following is None:
                return
            entries, answer = self._ask(following, kind)
            if entries is None and none_if_missing:
                return
            if entries is None:
                raise UnusableFileError(f"{self.name} has no such list: {path}.")
            yield from entries
            try:
                url = next_url(answer.link)
            except ValueError as error:
                raise LoaderError(f"The list of the files of {self.name}: {error}.") from error
            parts = urlsplit(url or "")
            following = f"{parts.path}?{parts.query}" if url else None
        raise LoaderError(f"The list of the files of {self.name} does not end.")

    def _ask(self, path: str, kind: Any) -> tuple[Any, Answer]:
        decode = msgspec.json.Decoder(kind).decode
        return self._hub.get_decoded(path, self._count, decode, limit=_MAX_ANSWER)


def repository_of(name: str) -> str:
    """Name the repository of ``hf://datasets/OWNER/NAME``.

    Raises:
        LoaderError: it is something else.
    """
    repository = name.removeprefix("hf://datasets/").rstrip("/")
    if not _NAME.fullmatch(repository) or ".." in repository:
        raise LoaderError(
            f"--from {name} is no dataset repository. Give one such as "
            "hf://datasets/OWNER/NAME, or a folder."
        )
    return repository


def _licence(card: _Card) -> str | None:
    """Read the licence that a card names, if need be by its other name."""
    said = [card.license] if isinstance(card.license, str) else card.license
    names = [one for one in said if isinstance(one, str)] if isinstance(said, list) else []
    if names == ["other"] and isinstance(card.license_name, str):
        names = [card.license_name]
    text = " ".join(", ".join(names).split())
    return text[:_MAX_LICENCE] or None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@contextmanager
def _wrap_errors(name: str) -> Iterator[None]:
    """Raise what goes wrong with a request as one line with advice."""
    try:
        yield
    except NoAnswerError as error:
        raise LoaderError(
            f"{name} cannot be read: the Hub gives no answer ({error}). What was read is kept. Run "
            "the same command again when it is back: it goes on."
        ) from error
    except BadAnswerError as error:
        if re.match(r"40[13]\b", str(error)):
            raise LoaderError(
                f"{name} cannot be read: {error}. If it is private or gated, accept its terms on "
                "its page, and set HF_TOKEN to a token that may read it."
            ) from error
        raise UnusableFileError(f"{name} cannot be read: {error}. It was not loaded.") from error
