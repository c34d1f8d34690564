"""A dataset repository of a local Hub: its commits, and the files that it holds at each of them.

It is made of a folder, or by code. A folder is one commit, dated by its newest file; or, where
all that it holds are folders named by an instant (``2026-05-20`` or ``2026-05-20T03:00:00Z``,
UTC), each of these is a commit, which adds what it holds to the tree or puts it in the place of
what was there.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import yaml

from simulator.files import FileOnDisk, StoredFile
from simulator.listing import LocalHubError

_CHUNK = 1 << 20
_README = "README.md"
# What git keeps itself; the Hub stores all else elsewhere, under its hash.
_TEXTS = (".md", ".json", ".txt", ".csv", ".yaml", ".yml", ".gitattributes")


class Commit(NamedTuple):
    """A commit: when it was made (UTC), its title, and the files that it adds or replaces."""

    date: datetime
    title: str
    files: Mapping[str, StoredFile]


class RepositoryFile:
    """A file of a repository, with the hashes by which git and the storage know it.

    Args:
        path: within the repository.
        content: its bytes.
    """

    def __init__(self, path: str, content: StoredFile) -> None:
        self.path = path
        self.content = content
        self.size = content.size

    @property
    def is_in_storage(self) -> bool:
        """True where git keeps a pointer alone."""
        return not self.path.endswith(_TEXTS)

    @cached_property
    def sha256(self) -> str:
        """The hash of its content."""
        content = hashlib.sha256()
        for start in range(0, self.size, _CHUNK):
            content.update(self.content.read(start, min(start + _CHUNK, self.size)))
        return content.hexdigest()

    @cached_property
    def pointer(self) -> bytes:
        """The text that git keeps for a file in the storage."""
        version = "version https://git-lfs.github.com/spec/v1"
        return f"{version}\noid sha256:{self.sha256}\nsize {self.size}\n".encode()

    @cached_property
    def oid(self) -> str:
        """The hash that git gives it."""
        kept = self.pointer if self.is_in_storage else self.content.read(0, self.size)
        return hashlib.sha1(b"blob %d\0" % len(kept) + kept).hexdigest()


class TreeEntry(NamedTuple):
    """A file in a tree, and the position of the commit that changed it last."""

    file: RepositoryFile
    commit: int


@dataclass(frozen=True)
class Revision:
    """A repository as it was at one commit.

    Attributes:
        position: of the commit among all, from 0, the oldest.
        sha: the commit's hash.
        date: when it was made.
        title: what was said of it.
        tree: the files by path.
    """

    position: int
    sha: str
    date: datetime
    title: str
    tree: Mapping[str, TreeEntry]

    @cached_property
    def card(self) -> dict[str, Any]:
        """The YAML at the head of its README; empty where that cannot be read."""
        if _README not in self.tree:
            return {}
        file = self.tree[_README].file
        text = file.content.read(0, file.size).decode(errors="replace")
        begin, _, rest = text.partition("---\n")
        head, end, _ = rest.partition("\n---")
        if begin or not end:
            return {}
        try:
            card = yaml.safe_load(head)
        except yaml.YAMLError:
            return {}
        return card if isinstance(card, dict) else {}


class DatasetRepository:
    """A dataset repository.

    Args:
        name: such as ``observatory/hub-history``.
        commits: the oldest first; at least one. A function is called when they are first asked
            for, once.
        gated: as the Hub says it: ``auto`` or ``manual`` where a file is given to those alone
            who were let in, which is nobody here.
    """

    def __init__(
        self,
        name: str,
        commits: Sequence[Commit] | Callable[[], Sequence[Commit]],
        *,
        gated: str | bool = False,
    ) -> None:
        self.name = name
        self.gated = gated
        self._commits = commits
        self._lock = Lock()

    def revision(self, name: str) -> Revision | None:
        """The revision of that name: ``main``, or the hash of a commit; None for no revision."""
        if name in ("main", "refs/heads/main"):
            return self.revisions[-1]
        return next((revision for revision in self.revisions if revision.sha == name), None)

    @property
    def revisions(self) -> Sequence[Revision]:
        """Every commit, the oldest first."""
        with self._lock:
            return self._revisions

    @cached_property
    def _revisions(self) -> Sequence[Revision]:
        made = self._commits() if callable(self._commits) else self._commits
        revisions: list[Revision] = []
        tree: dict[str, TreeEntry] = {}
        sha = ""
        for position, commit in enumerate(made):
            files = [RepositoryFile(path, commit.files[path]) for path in sorted(commit.files)]
            tree = tree | {file.path: TreeEntry(file, position) for file in files}
            content = [f"{file.path} {file.sha256}" for file in files]
            said = [sha, commit.date.isoformat(), commit.title, *content]
            sha = hashlib.sha1("\n".join(said).encode()).hexdigest()
            revisions.append(Revision(position, sha, commit.date, commit.title, tree))
        return revisions

    def stored(self, sha256: str) -> StoredFile | None:
        """The content of a file in the storage by its hash."""
        with self._lock:
            return self._contents.get(sha256)

    @cached_property
    def _contents(self) -> Mapping[str, StoredFile]:
        entries = (entry for revision in self._revisions for entry in revision.tree.values())
        files = {entry.file for entry in entries if entry.file.is_in_storage}
        return {file.sha256: file.content for file in files}


def read_repository(name: str, folder: Path, *, gated: str | bool = False) -> DatasetRepository:
    """Make a repository of a folder; see the head of this module.

    Raises:
        LocalHubError: there is no such folder, or no file in it.
    """
    if not folder.is_dir():
        raise LocalHubError(f"There is no folder {folder}.")
    made = {path: _instant(path.name) for path in folder.iterdir()}
    dates = {path: date for path, date in made.items() if date is not None and path.is_dir()}
    if made and len(dates) == len(made):
        ordered = sorted(dates, key=dates.__getitem__)
        commits = [Commit(dates[path], f"Add {path.name}", _files(path)) for path in ordered]
    else:
        files = _files(folder)
        newest = max((file.path.stat().st_mtime for file in files.values()), default=0)
        commits = [Commit(datetime.fromtimestamp(int(newest), UTC), "Add files", files)]
    if not any(commit.files for commit in commits):
        raise LocalHubError(f"The folder {folder} holds no file, so it is no dataset repository.")
    return DatasetRepository(name, commits, gated=gated)


def read_repositories(folder: Path) -> dict[str, DatasetRepository]:
    """Make a repository of each folder ``{owner}/{name}`` in a folder; by name.

    Raises:
        LocalHubError: there is no such folder, or one of them holds no file.
    """
    if not folder.is_dir():
        raise LocalHubError(f"There is no folder {folder}.")
    paths = [path for path in sorted(folder.glob("*/*")) if path.is_dir()]
    names = {f"{path.parent.name}/{path.name}": path for path in paths}
    return {name: read_repository(name, path) for name, path in names.items()}


def _files(folder: Path) -> dict[str, FileOnDisk]:
    paths: Iterator[Path] = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): FileOnDisk(path) for path in paths}


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
