"""A local Hub as a server in this process."""

import threading
from collections.abc import Callable, Mapping
from email.message import Message
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from simulator.answers import Answer, RequestError
from simulator.api import Api, resource_of
from simulator.call import Call
from simulator.dataset_repository import DatasetRepository
from simulator.fault import Fault
from simulator.http_server import HttpServer
from simulator.listing import RecordSource
from simulator.page_cache import PageCache
from simulator.quota import Quota, QuotaState


class Request(NamedTuple):
    """One request that came in."""

    path: str  # without the query
    target: str  # path and query, as sent
    status: int  # of the answer
    has_token: bool


class LocalHubServer:
    """A local Hub in a thread of this process. Use as a context manager.

    Args:
        source: a ``SyntheticHub`` or a ``RecordFolder``.
        repositories: dataset repositories by name, beside those that the source has.
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
        source: RecordSource,
        *,
        repositories: Mapping[str, DatasetRepository] | None = None,
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
        self._quotas = {
            resource: Quota(resource, calls, window_seconds)
            for resource, calls in (("api", quota), ("resolvers", resolver_quota))
            if calls is not None
        }
        self._taken = 0
        self._lock = threading.Lock()
        self._is_closing = threading.Event()
        pages = PageCache(source, page_cache)
        self._http = HttpServer(self, port)
        self._storage = HttpServer(self, 0, is_storage=True)
        self._api = Api(
            pages, {**source.repositories(), **(repositories or {})}, self._storage.address
        )
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
        self, target: str, headers: Message, body: bytes = b"", *, is_storage: bool
    ) -> tuple[Answer, Fault]:
        """Answer one request, and say what shall go wrong with sending it."""
        url = urlsplit(target)
        has_token = "Authorization" in headers
        host = headers.get("Host") or urlsplit(self.endpoint).netloc
        number, quota = self._count(None if is_storage else resource_of(url.path))
        fault = self._fault(number, target) or Fault()
        part = headers.get("Range")
        if fault.edit_range is not None:
            part = fault.edit_range(part)
        if fault.stall_seconds:
            self.wait(fault.stall_seconds)
        if fault.status is not None:
            answer = Answer(fault.status, b"")
        elif quota and quota.is_exceeded:
            message = "We had to rate limit your IP (127.0.0.1): too many calls in this window."
            answer = Answer(429, message.encode(), {"Content-Type": "text/plain; charset=utf-8"})
        else:
            try:
                call = Call(url.path, url.query, host, has_token, part, body)
                answer = self._api.stored(call) if is_storage else self._api.answer(call)
            except RequestError as error:
                answer = error.answer
        if quota:
            answer.headers |= quota.headers
        fault.change(answer, host)
        with self._lock:
            requests = self.storage_requests if is_storage else self.requests
            requests.append(Request(url.path, target, answer.status, has_token))
        return answer, fault

    def _count(self, resource: str | None) -> tuple[int, QuotaState | None]:
        """Number a request, and count it towards the quota of a resource, where there is one."""
        with self._lock:
            self._taken += 1
            quota = self._quotas.get(resource) if resource is not None else None
            return self._taken, quota.take() if quota else None
