"""The HTTP server: the Hub's listings, its records and its models' files, and nothing else.

``GET /api/models`` and ``/api/datasets`` list in the order of creation; ``/api/models/{id}``
and ``/api/datasets/{id}`` give one repository. ``/{id}/resolve/main/{file}`` redirects to the
storage, a server at another port, which serves any part of a file. Everything else is 404.
"""

import hashlib
import json
import math
import os
import re
import socket
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec

from simulator.files import requested_part
from simulator.listing import (
    KINDS,
    Cursor,
    Listing,
    Page,
    PageQuery,
    Source,
    render_page,
)

PAGE_SIZE = 1000  # a larger limit is clamped to this

_FIELDS_OF_BOTH = {
    *("author", "cardData", "createdAt", "disabled", "downloads", "downloadsAllTime", "gated"),
    *("lastModified", "likes", "private", "resourceGroup", "sha", "siblings", "tags"),
    *("trendingScore", "usedStorage"),
}
FIELDS = {
    "models": _FIELDS_OF_BOTH
    | {"baseModels", "childrenModelCount", "config", "evalResults", "gguf", "inference"}
    | {"inferenceProviderMapping", "library_name", "mask_token", "model-index", "pipeline_tag"}
    | {"safetensors", "spaces", "transformersInfo", "widgetData"},
    "datasets": _FIELDS_OF_BOTH | {"citation", "description", "mainSize", "paperswithcode_id"},
}
REFUSED_IN_LISTING = {"usedStorage", "childrenModelCount"}

_SECONDS_BETWEEN_LOOKS = 0.05  # for the end of the server

# What a listing gives when nobody asks for particular fields.
_DEFAULT_FIELDS = {
    "models": (
        *("createdAt", "downloads", "library_name", "likes", "pipeline_tag", "private", "tags"),
        "trendingScore",
    ),
    "datasets": (
        *("author", "createdAt", "disabled", "downloads", "gated", "lastModified", "likes"),
        *("private", "tags", "trendingScore"),
    ),
}


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one answer: each field replaces a part of what would be sent.

    Attributes:
        status: the status; the true answer is then not computed.
        headers: headers to set, or with None to leave out.
        body: the body.
        edit: makes the body that is sent out of the one that would be and the Link header.
        length_error: bytes that Content-Length promises too many or, below 0, too few.
        edit_link: makes the Link header that is sent out of the one that would be, if one would.
        next_target: path and query that the answer names as its next page. The request's own
            makes a repeated cursor; the first page's, on the last page, an endless listing.
        keep_bytes: only so much of the body is sent before the connection ends, although
            Content-Length promises all of it.
        stall_seconds: how long nothing is sent.
        is_reset: the connection is reset: instead of an answer, or after ``keep_bytes``.
        seconds_a_byte: how long each byte of the body takes.
    """

    status: int | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: bytes | None = None
    edit: Callable[[bytes, str | None], bytes] | None = None
    edit_link: Callable[[str], str] | None = None
    length_error: int = 0
    next_target: str | None = None
    keep_bytes: int | None = None
    stall_seconds: float = 0.0
    is_reset: bool = False
    seconds_a_byte: float = 0.0


class Request(NamedTuple):
    """One request that came in."""

    path: str  # without the query
    target: str  # path and query, as sent
    status: int  # of the answer
    has_token: bool


@dataclass
class _Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class _Refusal(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None):
        self.answer = _Answer(
            status,
            json.dumps({"error": message}).encode(),
            {"Content-Type": "application/json; charset=utf-8", **(headers or {})},
        )


class LocalHubServer:
    """A local Hub in a thread of this process. Use as a context manager.

    Args:
        source: a ``SyntheticHub`` or a ``RecordFolder``.
        port: 0 takes a free one.
        quota: API calls per window, of all clients together; None leaves the rate limit and
            its headers out.
        resolver_quota: the same for requests of files; the Hub allows several times as many.
        window_seconds: length of the fixed windows.
        page_cache: a folder that keeps rendered pages for the next server of the same source.
        fault: asked for each request, those to the storage included, by its number (from 1) and
            its path and query, what shall go wrong with the answer; None for nothing.

    Attributes:
        endpoint: such as ``http://127.0.0.1:8000``.
        requests: every request so far, in the order in which they were answered.
        storage_requests: those to the storage, which count towards no quota.

    Raises:
        LocalHubError: the source cannot be served.
        OSError: the port is taken.
    """

    def __init__(
        self,
        source: Source,
        *,
        port: int = 0,
        quota: int | None = None,
        resolver_quota: int | None = None,
        window_seconds: float = 300,
        page_cache: Path | None = None,
        fault: Callable[[int, str], Fault | None] = lambda number, target: None,
    ) -> None:
        self.requests: list[Request] = []
        self.storage_requests: list[Request] = []
        self._fault = fault
        self._pages = _Pages(source, page_cache)
        self._quotas = {
            resource: _Quota(resource, calls, window_seconds)
            for resource, calls in (("api", quota), ("resolvers", resolver_quota))
            if calls is not None
        }
        self._taken = 0
        self._lock = threading.Lock()
        self._is_closing = threading.Event()
        self._http = _HttpServer(self, port)
        self._storage = _HttpServer(self, 0, is_storage=True)
        self.endpoint = self._http.address

    def __enter__(self) -> Self:
        for server in (self._http, self._storage):
            server.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._is_closing.set()
        for server in (self._http, self._storage):
            server.stop()

    def wait(self, seconds: float) -> None:
        """Sleep, but not beyond the end of this server."""
        self._is_closing.wait(seconds)

    def answer(
        self, target: str, headers: Mapping[str, str], *, is_storage: bool
    ) -> tuple[_Answer, Fault]:
        """Answer one request, and say what shall go wrong with sending it."""
        url = urlsplit(target)
        has_token = "Authorization" in headers
        host = headers.get("Host") or urlsplit(self.endpoint).netloc
        resource = "resolvers" if _RESOLVE in url.path else "api"
        with self._lock:
            self._taken += 1
            number = self._taken
            counted = None if is_storage else self._quotas.get(resource)
            quota = counted.take() if counted else None
        fault = self._fault(number, target) or Fault()
        if fault.stall_seconds:
            self.wait(fault.stall_seconds)
        if fault.status is not None:
            answer = _Answer(fault.status, b"")
        elif quota and quota.is_exceeded:
            message = "We had to rate limit your IP (127.0.0.1): too many calls in this window."
            answer = _Answer(429, message.encode(), {"Content-Type": "text/plain; charset=utf-8"})
        else:
            try:
                if is_storage:
                    answer = self._stored(url.path, headers.get("Range"))
                else:
                    answer = self._route(target, host, has_token)
            except _Refusal as refusal:
                answer = refusal.answer
        if quota:
            answer.headers |= quota.headers
        if fault.next_target is not None:
            answer.headers["Link"] = _link(host, fault.next_target)
        if fault.edit_link is not None and "Link" in answer.headers:
            answer.headers["Link"] = fault.edit_link(answer.headers["Link"])
        if fault.body is not None:
            answer.body = fault.body
        if fault.edit is not None:
            answer.body = fault.edit(answer.body, answer.headers.get("Link"))
        merged = {**answer.headers, **fault.headers}
        answer.headers = {name: value for name, value in merged.items() if value is not None}
        with self._lock:
            requests = self.storage_requests if is_storage else self.requests
            requests.append(Request(url.path, target, answer.status, has_token))
        return answer, fault

    def _route(self, target: str, host: str, has_token: bool) -> _Answer:
        url = urlsplit(target)
        query = parse_qsl(url.query, keep_blank_values=True)
        if _RESOLVE in url.path:
            return self._file(url.path, has_token)
        kind, _, name = url.path.removeprefix("/api/").partition("/")
        if not url.path.startswith("/api/") or kind not in KINDS:
            raise _Refusal(404, "Sorry, we can't find the page you are looking for.")
        if name:
            return self._repository(kind, unquote(name), url.query, query, has_token)
        return self._page(kind, url.path, query, host)

    def _page(self, kind: str, path: str, query: list[tuple[str, str]], host: str) -> _Answer:
        fields = _expanded(kind, query)
        if refused := REFUSED_IN_LISTING.intersection(fields or ()):
            raise _Refusal(400, f"{_names(refused)} cannot be expanded in a listing")
        options = {name: value for name, value in query if name not in _EXPAND}
        if unknown := options.keys() - {"sort", "direction", "limit", "cursor"}:
            # Ignoring it, as the Hub does, would hide that a filter has no effect here.
            raise _Refusal(400, f"This local Hub knows no parameter {_names(unknown)}")
        if options.get("sort", "createdAt") != "createdAt":
            raise _Refusal(400, "This local Hub sorts by createdAt only")
        direction, limit = options.get("direction", "-1"), options.get("limit", str(PAGE_SIZE))
        if direction not in ("1", "-1"):
            raise _Refusal(400, "direction must be 1 or -1")
        if not re.fullmatch("[0-9]{1,9}", limit) or int(limit) == 0:
            raise _Refusal(400, "limit must be a positive number")
        cursor = None
        if "cursor" in options:
            try:
                cursor = Cursor.decode(options["cursor"], direction == "-1")
            except ValueError as error:
                raise _Refusal(400, str(error)) from error
        page = self._pages.render(
            kind,
            PageQuery(
                fields=("_id", "id", *(_DEFAULT_FIELDS[kind] if fields is None else fields)),
                limit=min(int(limit), PAGE_SIZE),
                is_descending=direction == "-1",
                cursor=cursor,
            ),
        )
        answer = _json_answer(page.body)
        if page.next_cursor is not None:
            others = [(name, value) for name, value in query if name != "cursor"]
            following = urlencode([*others, ("cursor", page.next_cursor)])
            answer.headers["Link"] = _link(host, f"{path}?{following}")
        return answer

    def _repository(
        self,
        kind: str,
        name: str,
        query_text: str,
        query: list[tuple[str, str]],
        has_token: bool,
    ) -> _Answer:
        if unknown := {name for name, _ in query}.difference(_EXPAND):
            raise _Refusal(400, f"This local Hub knows no parameter {_names(unknown)}")
        fields = _expanded(kind, query)
        listing = self._pages.listings[kind]
        position = listing.find(name)
        if position is None:
            return self._elsewhere(listing, name, f"/api/{kind}/%s", query_text, has_token)
        asked = None if fields is None else ("_id", "id", *fields)
        return _json_answer(msgspec.json.encode(listing.record(position, asked)))

    def _file(self, path: str, has_token: bool) -> _Answer:
        name, _, rest = path.removeprefix("/").partition(_RESOLVE)
        revision, _, file = rest.partition("/")
        listing = self._pages.listings["models"]
        position = listing.find(unquote(name))
        if position is None:
            return self._elsewhere(listing, unquote(name), f"/%s{_RESOLVE}{rest}", "", has_token)
        if revision != "main":
            raise _Refusal(404, "Invalid rev id", {"X-Error-Code": "RevisionNotFound"})
        record = msgspec.json.decode(msgspec.json.encode(listing.record(position, ["gated"])))
        if record.get("gated"):
            # No token has been given access: this Hub knows no one.
            status = 403 if has_token else 401
            raise _Refusal(status, "Access is restricted", {"X-Error-Code": "GatedRepo"})
        stored = listing.file(position, unquote(file))
        if stored is None:
            raise _Refusal(404, "Entry not found", {"X-Error-Code": "EntryNotFound"})
        answer = _redirect(302, f"{self._storage.address}/{position}/{file}")
        # What a client that downloads the file must know of it, for its cache.
        commit = hashlib.sha1(unquote(name).encode()).hexdigest()
        content = hashlib.sha256(f"{commit}/{file} {stored.size}".encode()).hexdigest()
        answer.headers |= {
            "X-Repo-Commit": commit,
            "X-Linked-ETag": f'"{content}"',
            "X-Linked-Size": str(stored.size),
        }
        return answer

    def _stored(self, path: str, asked: str | None) -> _Answer:
        position, _, name = unquote(path).removeprefix("/").partition("/")
        file = None
        if position.isdecimal() and int(position) < len(self._pages.listings["models"]):
            file = self._pages.listings["models"].file(int(position), name)
        if file is None:
            raise _Refusal(404, "There is no such object")
        try:
            part = requested_part(asked, file.size)
        except ValueError as error:
            raise _Refusal(416, str(error), {"Content-Range": f"bytes */{file.size}"}) from error
        headers = {"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes"}
        if part is None:
            return _Answer(200, file.read(0, file.size), headers)
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{file.size}"
        return _Answer(206, file.read(part.start, part.stop), headers)

    def _elsewhere(
        self, listing: Listing, name: str, path: str, query_text: str, has_token: bool
    ) -> _Answer:
        """What is answered for a name that is none, or no more."""
        if (new_name := listing.new_name(name)) is not None:
            location = path % quote(new_name) + (f"?{query_text}" if query_text else "")
            return _redirect(307, location)
        if has_token:
            raise _Refusal(404, "Repository not found", {"X-Error-Code": "RepoNotFound"})
        # The Hub does not tell strangers which private repositories exist.
        raise _Refusal(401, "Invalid username or password.")


_EXPAND = ("expand[]", "expand")
_RESOLVE = "/resolve/"


def _expanded(kind: str, query: list[tuple[str, str]]) -> list[str] | None:
    """The fields that a request asks for, each once; None if it leaves the choice to the Hub."""
    fields = list(dict.fromkeys(value for name, value in query if name in _EXPAND))
    if unknown := set(fields) - FIELDS[kind]:
        raise _Refusal(400, f"{_names(unknown)} cannot be expanded on {kind}")
    return fields or None


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _json_answer(body: bytes) -> _Answer:
    return _Answer(200, body, {"Content-Type": "application/json; charset=utf-8"})


def _redirect(status: int, location: str) -> _Answer:
    return _Answer(status, f"Redirecting to {location}".encode(), {"Location": location})


def _link(host: str, target: str) -> str:
    return f'<http://{host}{target}>; rel="next"'


class _Pages:
    """Renders pages, and keeps them in a folder where one was given."""

    def __init__(self, source: Source, folder: Path | None) -> None:
        self.listings: Mapping[str, Listing] = source.open()
        self._folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._source = source.fingerprint()

    def render(self, kind: str, query: PageQuery) -> Page:
        if self._folder is None:
            return render_page(self.listings[kind], query)
        key = hashlib.sha256(json.dumps([self._source, kind, query]).encode()).hexdigest()
        file = self._folder / f"{key}.page"
        try:
            next_cursor, _, body = file.read_bytes().partition(b"\n")
            return Page(body, next_cursor.decode() or None)
        except FileNotFoundError:
            page = render_page(self.listings[kind], query)
        with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as unfinished:
            unfinished.write((page.next_cursor or "").encode() + b"\n" + page.body)
        os.replace(unfinished.name, file)
        return page


class _QuotaState(NamedTuple):
    is_exceeded: bool
    headers: dict[str, str]


class _Quota:
    """The Hub's rate limit: so many calls in each window, the first of which begins now."""

    def __init__(self, resource: str, calls: int, window_seconds: float) -> None:
        self._resource = resource
        self._calls = calls
        self._window_seconds = window_seconds
        self._begin = time.monotonic()
        self._window = 0
        self._used = 0

    def take(self) -> _QuotaState:
        """Count one call."""
        windows, into_window = divmod(time.monotonic() - self._begin, self._window_seconds)
        if windows != self._window:
            self._window, self._used = int(windows), 0
        self._used += 1
        left = max(self._calls - self._used, 0)
        reset = math.ceil(self._window_seconds - into_window)
        window = math.ceil(self._window_seconds)
        policy = f'"fixed window";"{self._resource}";q={self._calls};w={window}'
        return _QuotaState(
            self._used > self._calls,
            {
                "RateLimit": f'"{self._resource}";r={left};t={reset}',
                "RateLimit-Policy": policy,
            },
        )


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, hub: LocalHubServer, port: int, *, is_storage: bool = False) -> None:
        self.hub = hub
        self.is_storage = is_storage
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self._thread = threading.Thread(
            target=self.serve_forever, args=(_SECONDS_BETWEEN_LOOKS,), daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self.close_connections()
        self._thread.join()

    def process_request(self, request: socket.socket, client_address: object) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: socket.socket, client_address: object) -> None:
        """Report what went wrong here; a client that went away did nothing wrong."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def close_connections(self) -> None:
        """End what keep-alive holds open: a Hub that is gone answers nobody."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client was faster


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "LocalHub"
    disable_nagle_algorithm = True
    server: _HttpServer

    def do_GET(self) -> None:
        hub = self.server.hub
        answer, fault = hub.answer(self.path, self.headers, is_storage=self.server.is_storage)
        if fault.is_reset and fault.keep_bytes is None:
            self._reset()
            return
        self.send_response_only(answer.status)
        headers = {
            "Server": self.version_string(),
            "Date": self.date_time_string(),
            "Content-Length": str(len(answer.body) + fault.length_error),
        }
        for name, value in {**headers, **answer.headers}.items():
            self.send_header(name, value)
        try:
            self.end_headers()
            body = memoryview(answer.body)[: 0 if self.command == "HEAD" else fault.keep_bytes]
            if fault.seconds_a_byte:
                for byte in body:
                    hub.wait(fault.seconds_a_byte)
                    self.connection.sendall(bytes([byte]))
            else:
                self.connection.sendall(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client is gone
        if fault.is_reset:
            self._reset()
        elif fault.keep_bytes is not None:
            self.close_connection = True

    do_HEAD = do_GET

    def _reset(self) -> None:
        # Closed with a linger of 0, a socket sends RST and not FIN.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: the requests are in ``LocalHubServer.requests``."""
