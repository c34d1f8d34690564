"""The Hub's API: its listings, its records and its models' files, and nothing else.

``GET /api/models`` and ``/api/datasets`` list in the order of creation; ``/api/models/{id}``
and ``/api/datasets/{id}`` give one repository. ``/{id}/resolve/main/{file}`` redirects to the
storage, a server at another port, which serves any part of a file. Dataset repositories that
have files are ``DatasetApi``'s. Everything else is 404.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote, urlencode

import msgspec

from simulator.answers import (
    Answer,
    RequestError,
    file_answer,
    json_answer,
    next_link,
    redirect,
)
from simulator.call import Call
from simulator.dataset_api import DatasetApi
from simulator.dataset_repository import DatasetRepository
from simulator.fields import DEFAULT_FIELDS, FIELDS, REFUSED_IN_LISTING
from simulator.files import StoredFile
from simulator.listing import KINDS, Cursor, Listing, PageQuery
from simulator.page_cache import PageCache

PAGE_SIZE = 1000  # a larger limit is clamped to this

_EXPAND = ("expand[]", "expand")
_RESOLVE = "/resolve/"


def resource_of(path: str) -> str:
    """The quota that a request counts towards: that of files, or that of the API."""
    return "resolvers" if _RESOLVE in path else "api"


class Api:
    """The answers to requests of a Hub and of its storage.

    Args:
        pages: the Hub's listings.
        repositories: its dataset repositories that have files, by name.
        storage: the storage's address.
    """

    def __init__(
        self, pages: PageCache, repositories: Mapping[str, DatasetRepository], storage: str
    ) -> None:
        self._pages = pages
        self._datasets = DatasetApi(repositories, storage)
        self._storage = storage

    def answer(self, call: Call) -> Answer:
        """Answer a request. Raises RequestError."""
        if found := self._datasets.find(call.path):
            return self._datasets.answer(*found, call)
        if _RESOLVE in call.path:
            return self._file(call)
        kind, _, name = call.path.removeprefix("/api/").partition("/")
        if not call.path.startswith("/api/") or kind not in KINDS:
            raise RequestError(404, "Sorry, we can't find the page you are looking for.")
        if name:
            return self._repository(kind, unquote(name), call)
        return self._page(kind, call)

    def stored(self, call: Call) -> Answer:
        """Answer a request of the storage, with the part that a Range header asks for.

        Raises:
            RequestError: there is no such file, or no such part of it.
        """
        place, _, name = unquote(call.path).removeprefix("/").partition("/")
        listing = self._pages.listings["models"]
        file: StoredFile | None = None
        if place == "objects":
            file = self._datasets.stored(name)
        elif place.isdecimal() and int(place) < len(listing):
            file = listing.file(int(place), name)
        if file is None:
            raise RequestError(404, "There is no such object")
        answer = file_answer(file, call.range)
        if place == "objects":
            answer.headers["ETag"] = f'"{name}"'
        return answer

    def _page(self, kind: str, call: Call) -> Answer:
        page = self._pages.render(kind, _page_query(kind, call.query))
        answer = json_answer(page.body)
        if page.next_cursor is not None:
            others = [(name, value) for name, value in call.query if name != "cursor"]
            following = urlencode([*others, ("cursor", page.next_cursor)])
            answer.headers["Link"] = next_link(call.host, f"{call.path}?{following}")
        return answer

    def _repository(self, kind: str, name: str, call: Call) -> Answer:
        if unknown := {name for name, _ in call.query}.difference(_EXPAND):
            raise RequestError(400, f"This local Hub knows no parameter {_names(unknown)}")
        fields = _expanded(kind, call.query)
        listing = self._pages.listings[kind]
        position = listing.find(name)
        if position is None:
            question = f"?{call.query_text}" if call.query_text else ""
            return _elsewhere(listing, name, f"/api/{kind}/%s", question, call.has_token)
        asked = None if fields is None else ("_id", "id", *fields)
        return json_answer(msgspec.json.encode(listing.record(position, asked)))

    def _file(self, call: Call) -> Answer:
        quoted, _, rest = call.path.removeprefix("/").partition(_RESOLVE)
        name = unquote(quoted)
        revision, _, file = rest.partition("/")
        listing = self._pages.listings["models"]
        position = listing.find(name)
        if position is None:
            return _elsewhere(listing, name, f"/%s{_RESOLVE}{rest}", "", call.has_token)
        if revision != "main":
            raise RequestError(404, "Invalid rev id", {"X-Error-Code": "RevisionNotFound"})
        record = msgspec.json.decode(msgspec.json.encode(listing.record(position, ["gated"])))
        if record.get("gated"):
            # No token has been given access: this Hub knows no one.
            status = 403 if call.has_token else 401
            raise RequestError(status, "Access is restricted", {"X-Error-Code": "GatedRepo"})
        stored = listing.file(position, unquote(file))
        if stored is None:
            raise RequestError(404, "Entry not found", {"X-Error-Code": "EntryNotFound"})
        answer = redirect(302, f"{self._storage}/{position}/{file}")
        # What a client that downloads the file must know of it, for its cache.
        commit = hashlib.sha1(name.encode()).hexdigest()
        content = hashlib.sha256(f"{commit}/{file} {stored.size}".encode()).hexdigest()
        answer.headers |= {
            "X-Repo-Commit": commit,
            "X-Linked-ETag": f'"{content}"',
            "X-Linked-Size": str(stored.size),
        }
        return answer


def _page_query(kind: str, query: list[tuple[str, str]]) -> PageQuery:
    """Read the parameters of a listing. Raises RequestError."""
    fields = _expanded(kind, query)
    if refused := REFUSED_IN_LISTING.intersection(fields or ()):
        raise RequestError(400, f"{_names(refused)} cannot be expanded in a listing")
    options = {name: value for name, value in query if name not in _EXPAND}
    if unknown := options.keys() - {"sort", "direction", "limit", "cursor"}:
        # Ignoring it, as the Hub does, would hide that a filter has no effect here.
        raise RequestError(400, f"This local Hub knows no parameter {_names(unknown)}")
    if options.get("sort", "createdAt") != "createdAt":
        raise RequestError(400, "This local Hub sorts by createdAt only")
    direction, limit = options.get("direction", "-1"), options.get("limit", str(PAGE_SIZE))
    if direction not in ("1", "-1"):
        raise RequestError(400, "direction must be 1 or -1")
    if not re.fullmatch("[0-9]{1,9}", limit) or int(limit) == 0:
        raise RequestError(400, "limit must be a positive number")
    cursor = None
    if "cursor" in options:
        try:
            cursor = Cursor.decode(options["cursor"], direction == "-1")
        except ValueError as error:
            raise RequestError(400, str(error)) from error
    return PageQuery(
        fields=("_id", "id", *(DEFAULT_FIELDS[kind] if fields is None else fields)),
        limit=min(int(limit), PAGE_SIZE),
        is_descending=direction == "-1",
        cursor=cursor,
    )


def _expanded(kind: str, query: list[tuple[str, str]]) -> list[str] | None:
    """The fields that a request asks for, each once; None if it leaves the choice to the Hub."""
    fields = list(dict.fromkeys(value for name, value in query if name in _EXPAND))
    if unknown := set(fields) - FIELDS[kind]:
        raise RequestError(400, f"{_names(unknown)} cannot be expanded on {kind}")
    return fields or None


def _elsewhere(listing: Listing, name: str, path: str, question: str, has_token: bool) -> Answer:
    """Answer for a name that is none, or no more: a renamed one is found at ``path``."""
    if (new_name := listing.new_name(name)) is not None:
        return redirect(307, path % quote(new_name) + question)
    if has_token:
        raise RequestError(404, "Repository not found", {"X-Error-Code": "RepoNotFound"})
    # The Hub does not tell strangers which private repositories exist.
    raise RequestError(401, "Invalid username or password.")


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
