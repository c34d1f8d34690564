"""The Hub's API of one dataset repository: its description, its tree, its commits and its files.

The paths are those that huggingface_hub asks for: ``/api/datasets/{name}`` with
``/revision/{revision}``, ``/tree/{revision}/{path}``, ``/paths-info/{revision}``,
``/commits/{revision}`` and ``/refs``, and ``/datasets/{name}/resolve/{revision}/{path}``.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode

from simulator.answers import (
    Answer,
    RequestError,
    file_answer,
    json_answer,
    next_link,
    redirect,
)
from simulator.call import Call
from simulator.dataset_repository import DatasetRepository, RepositoryFile, Revision
from simulator.files import StoredFile

_PAGE_OF_TREE = 1000
_PAGE_OF_EXPANDED_TREE = 50
_PAGE_OF_COMMITS = 50


class _Asked(NamedTuple):
    """A request of a repository: a revision of it, and a path there, '' for the root."""

    repository: DatasetRepository
    revision: Revision
    path: str
    call: Call

    @property
    def owner(self) -> str:
        """The first part of the repository's name."""
        return self.repository.name.partition("/")[0]

    def flag(self, name: str) -> bool:
        """Tell whether a parameter is set."""
        return dict(self.call.query).get(name, "").lower() in ("true", "1")


class DatasetApi:
    """The answers to requests of dataset repositories.

    Args:
        repositories: by name.
        storage: the storage's address.
    """

    def __init__(self, repositories: Mapping[str, DatasetRepository], storage: str) -> None:
        self._repositories = repositories
        self._storage = storage

    def find(self, path: str) -> tuple[DatasetRepository, list[str]] | None:
        """The repository that a path names, and what follows its name, still quoted."""
        for prefix in ("/api/datasets/", "/datasets/"):
            if path.startswith(prefix):
                owner, name, *rest = [*path.removeprefix(prefix).split("/"), ""]
                repository = self._repositories.get(unquote(f"{owner}/{name}"))
                if repository is not None:
                    return repository, rest[:-1]
        return None

    def answer(self, repository: DatasetRepository, rest: Sequence[str], call: Call) -> Answer:
        """Answer a request of a repository, ``rest`` being the path after its name.

        Raises:
            RequestError: it is answered with an error.
        """
        action, name, *path = [unquote(part) for part in (*rest, "", "")]
        actions = {
            "": _describe,
            "revision": _describe,
            "tree": _list_tree,
            "paths-info": _describe_paths,
            "commits": _list_commits,
            "refs": _list_references,
            "resolve": self._resolve,
        }
        if action not in actions:
            raise RequestError(404, "Sorry, we can't find the page you are looking for.")
        revision = repository.revision(name or "main")
        if revision is None:
            code = {"X-Error-Code": "RevisionNotFound"}
            raise RequestError(404, f"Invalid rev id: {quote(name)}", code)
        return actions[action](_Asked(repository, revision, "/".join(path).strip("/"), call))

    def stored(self, sha256: str) -> StoredFile | None:
        """The content of a file in the storage by its hash."""
        found = (repository.stored(sha256) for repository in self._repositories.values())
        return next((content for content in found if content is not None), None)

    def _resolve(self, asked: _Asked) -> Answer:
        repository, revision, path, call = asked
        if repository.gated:
            # No token has been given access: this Hub knows no one.
            status = 403 if call.has_token else 401
            raise RequestError(status, "Access is restricted", {"X-Error-Code": "GatedRepo"})
        if path not in revision.tree:
            raise _no_entry(asked)
        file = revision.tree[path].file
        headers = {"X-Repo-Commit": revision.sha, "Accept-Ranges": "bytes"}
        if not file.is_in_storage:
            answer = file_answer(file.content, call.range)
            answer.headers |= headers | {"ETag": f'"{file.oid}"'}
            return answer
        answer = redirect(302, f"{self._storage}/objects/{file.sha256}")
        answer.headers |= headers | {
            "ETag": f'"{file.sha256}"',
            "X-Linked-ETag": f'"{file.sha256}"',
            "X-Linked-Size": str(file.size),
        }
        return answer


def _describe(asked: _Asked) -> Answer:
    repository, revision = asked.repository, asked.revision
    licences = revision.card.get("license") or []
    files = [entry.file for entry in revision.tree.values()]
    with_blobs = asked.flag("blobs")
    fields: dict[str, Any] = {
        "_id": hashlib.sha1(repository.name.encode()).hexdigest()[:24],
        "id": repository.name,
        "author": asked.owner,
        "sha": revision.sha,
        "lastModified": _iso(repository.revisions[-1].date),
        "createdAt": _iso(repository.revisions[0].date),
        "private": False,
        "gated": repository.gated,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": [f"license:{one}" for one in ([licences], licences)[isinstance(licences, list)]],
        "cardData": revision.card,
        "siblings": [_sibling(file, with_blobs) for file in files],
        "usedStorage": sum(file.size for file in files),
    }
    expanded = [value for name, value in asked.call.query if name in ("expand", "expand[]")]
    if expanded:
        fields = {name: fields[name] for name in ("_id", "id", *expanded) if name in fields}
    return json_answer(json.dumps(fields, default=str).encode())


def _sibling(file: RepositoryFile, with_blob: bool) -> dict[str, Any]:
    sibling: dict[str, Any] = {"rfilename": file.path}
    if with_blob:
        sibling |= {"size": file.size, "blobId": file.oid}
        if file.is_in_storage:
            pointer = len(file.pointer)
            sibling["lfs"] = {"sha256": file.sha256, "size": file.size, "pointerSize": pointer}
    return sibling


def _list_tree(asked: _Asked) -> Answer:
    paths = _below(asked.revision.tree, asked.path, is_deep=asked.flag("recursive"))
    if not paths and asked.path:
        raise _no_entry(asked)
    is_expanded = asked.flag("expand")
    size = _PAGE_OF_EXPANDED_TREE if is_expanded else _PAGE_OF_TREE
    page, answer = _page(paths, size, "cursor", asked.call)
    answer.body = json.dumps([_entry(asked, path, is_expanded) for path in page]).encode()
    return answer


def _describe_paths(asked: _Asked) -> Answer:
    posted = parse_qsl(asked.call.body.decode(errors="replace"))
    paths = [value.strip("/") for name, value in posted if name == "paths"]
    is_expanded = dict(posted).get("expand", "").lower() == "true"
    known = {*asked.revision.tree, *_folders(asked.revision.tree)}
    found = [_entry(asked, path, is_expanded) for path in paths if path in known]
    return json_answer(json.dumps(found).encode())


def _list_commits(asked: _Asked) -> Answer:
    commits = [
        {
            "id": revision.sha,
            "title": revision.title,
            "message": "",
            "authors": [{"user": asked.owner}],
            "date": _iso(revision.date),
        }
        for revision in asked.repository.revisions[asked.revision.position :: -1]
    ]
    limit = dict(asked.call.query).get("limit", "")
    size = min(int(limit), 1000) if limit.isdecimal() and int(limit) else _PAGE_OF_COMMITS
    page, answer = _page(commits, size, "p", asked.call)
    answer.body = json.dumps(page).encode()
    answer.headers["X-Total-Count"] = str(len(commits))
    return answer


def _list_references(asked: _Asked) -> Answer:
    newest = asked.repository.revisions[-1].sha
    main = {"name": "main", "ref": "refs/heads/main", "targetCommit": newest}
    groups = {"branches": [main], "converts": [], "tags": [], "pullRequests": []}
    return json_answer(json.dumps(groups).encode())


def _page(
    rows: Sequence[Any], size: int, parameter: str, call: Call
) -> tuple[Sequence[Any], Answer]:
    """Cut the page out that a parameter numbers, and make an answer that names the next one."""
    number = dict(call.query).get(parameter, "0")
    if not number.isdecimal():
        raise RequestError(400, f"{parameter} must be a number of a page")
    begin = int(number) * size
    answer = json_answer(b"")
    if begin + size < len(rows):
        others = [(key, value) for key, value in call.query if key != parameter]
        following = urlencode([*others, (parameter, int(number) + 1)])
        answer.headers["Link"] = next_link(call.host, f"{call.path}?{following}")
    return rows[begin : begin + size], answer


def _below(tree: Mapping[str, Any], path: str, *, is_deep: bool) -> list[str]:
    """The folders and files below a path, each folder before what it holds; a file is its own."""
    if path in tree:
        return [path]
    prefix = f"{path}/" if path else ""
    below = [one for one in sorted({*tree, *_folders(tree)}) if one.startswith(prefix)]
    return [one for one in below if is_deep or "/" not in one[len(prefix) :]]


def _folders(paths: Iterable[str]) -> set[str]:
    parts = [path.split("/") for path in paths]
    return {"/".join(part[:depth]) for part in parts for depth in range(1, len(part))}


def _entry(asked: _Asked, path: str, is_expanded: bool) -> dict[str, Any]:
    """Describe a file or folder as the Hub does, with its last commit where expanded."""
    tree = asked.revision.tree
    if path in tree:
        file, commit = tree[path]
        entry = {"type": "file", "oid": file.oid, "size": file.size, "path": path}
        if file.is_in_storage:
            pointer = len(file.pointer)
            entry["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": pointer}
    else:
        below = [entry for one, entry in tree.items() if one.startswith(f"{path}/")]
        oid = hashlib.sha1("".join(entry.file.oid for entry in below).encode()).hexdigest()
        entry = {"type": "directory", "oid": oid, "size": 0, "path": path}
        commit = max(entry.commit for entry in below)
    if is_expanded:
        last = asked.repository.revisions[commit]
        entry["lastCommit"] = {"id": last.sha, "title": last.title, "date": _iso(last.date)}
    return entry


def _no_entry(asked: _Asked) -> RequestError:
    message = f"{quote(asked.path)} does not exist on {asked.revision.sha}"
    return RequestError(404, message, {"X-Error-Code": "EntryNotFound"})


def _iso(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}.000Z"
