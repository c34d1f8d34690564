"""The Hub's answers: its listings, read page by page, and what is asked of one repository.

Built on huggingface_hub's own HTTP helpers, which know the Hub's errors, its token and its
rate limit. ``HfApi.list_models`` is not used: it can no longer ask for ascending order, hides
the cursor that a resumed crawl needs, and turns each record into an object. Nor are its
readers of safetensors headers, which ask twice for each model, wait for no quota, and take an
answer into memory whatever its size.
"""

import logging
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

import httpx2
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import (
    build_hf_headers,
    close_session,
    fix_hf_endpoint_in_url,
    get_session,
    http_backoff,
    parse_ratelimit_headers,
    set_client_factory,
)

from loaders.errors import LoaderError
from loaders.records import split_page

log = logging.getLogger(__name__)

PAGE_SIZE = 1000  # the Hub clamps larger values to this
# API calls in five minutes, anonymously and with a free token
# (https://huggingface.co/docs/hub/rate-limits, in 2026).
CALLS_A_WINDOW = (500, 1_000)

_FIELDS_OF_BOTH = (
    "author",
    "createdAt",
    "disabled",
    "downloads",
    "downloadsAllTime",
    "gated",
    "lastModified",
    "likes",
    "private",
    "tags",
    "trendingScore",
)
# Lean on purpose: the tags carry licence, language and parents, so that cardData, config and
# siblings, most of a record's bytes, need not travel.
FIELDS = {
    "models": (*_FIELDS_OF_BOTH, "gguf", "library_name", "pipeline_tag", "safetensors"),
    "datasets": _FIELDS_OF_BOTH,
}

# What huggingface_hub retries by itself, and 408 and broken compression, which pass as well.
_RETRIED_STATUS = (408, 429, 500, 502, 503, 504)
_RETRIED_ERRORS = (
    httpx2.TimeoutException,
    httpx2.NetworkError,
    httpx2.RemoteProtocolError,
    httpx2.DecodingError,
)
_LIBRARY = ("open-ai-observatory", "1.0")

_MAX_HOPS = 5  # a renamed repository takes one, a stored file another


@dataclass
class Tally:
    """What has been asked of the Hub so far, by a crawl or about one model."""

    requests: int = 0  # retries included; those to its storage are not the Hub's
    rate_limited: int = 0  # answers with status 429


@dataclass(frozen=True)
class Page:
    """One answer of a listing: the body as received, decompressed, and where the next one is."""

    body: bytes
    records: int
    next_path: str | None


def quota_time(requests: int, share: float, calls_a_window: tuple[int, int]) -> str:
    """How long the quota makes so many requests, in words.

    Args:
        share: the part of the quota to use.
        calls_a_window: as ``CALLS_A_WINDOW``.
    """
    anonymous, with_token = (math.ceil(5 * requests / (share * calls)) for calls in calls_a_window)
    return (
        f"some {with_token:,} min at {share:.0%} of the quota of a free token, "
        f"{anonymous:,} min without a token"
    )


class Pacer:
    """Spreads requests so that no more than ``share`` of the Hub's quota is used.

    The Hub counts calls in fixed windows and says in each answer how many are left and when
    the window ends. Requests are spaced evenly over the rest of the window; without such
    headers (a local Hub) there is nothing to pace. One pacer serves all crawls of a run,
    because the quota is the account's, not the crawl's.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._interval = 0.0
        self._next_slot = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Sleep until the next request may go out."""
        with self._lock:
            slot = max(self._next_slot, time.monotonic())
            self._next_slot = slot + self._interval
        time.sleep(max(0.0, slot - time.monotonic()))

    def observe(self, headers: httpx2.Headers) -> None:
        """Take in what an answer says of the quota."""
        quota = parse_ratelimit_headers(headers)
        if quota is None:
            return
        reserve = (quota.limit or 0) * (1 - self._share)
        spare = quota.remaining - reserve
        with self._lock:
            if spare >= 1:
                self._interval = quota.reset_in_seconds / spare
            else:  # this window is used up: go on in the next one
                self._next_slot = max(
                    self._next_slot, time.monotonic() + quota.reset_in_seconds + 1
                )


@contextmanager
def hub_session(*, quota_share: float = 0.8, timeout: float = 60.0) -> Iterator[None]:
    """Give huggingface_hub an HTTP client that paces, counts and never waits for ever.

    Args:
        quota_share: the part of the Hub's quota to use, above 0 and up to 1.
        timeout: seconds to wait for a connection, and between two chunks of an answer.
    """
    pacer = Pacer(quota_share)

    def before(request: httpx2.Request) -> None:
        if tally := request.extensions.get("tally"):  # others go to the storage: it has no quota
            pacer.wait()
            tally.requests += 1

    def after(response: httpx2.Response) -> None:
        pacer.observe(response.headers)
        tally = response.request.extensions.get("tally")
        if tally and response.status_code == 429:
            tally.rate_limited += 1

    set_client_factory(
        lambda: httpx2.Client(
            event_hooks={"request": [before], "response": [after]},
            follow_redirects=True,
            timeout=timeout,
        )
    )
    try:
        yield
    finally:
        close_session()


class HubListing:
    """The listing of all models, or of all datasets, of one Hub. Use within ``hub_session``.

    Args:
        endpoint: such as ``https://huggingface.co``.
        kind: ``models`` or ``datasets``.
        token: sent to the endpoint and nowhere else; None reads anonymously.
        retries: how often one page is asked for again before the crawl gives up.
        longest_wait: seconds between two such tries; the first waits 1 s, each next one twice
            as long. A 429 is waited out as long as its header says.
    """

    def __init__(
        self,
        endpoint: str,
        kind: str,
        *,
        token: str | None = None,
        retries: int = 8,
        longest_wait: float = 60.0,
    ) -> None:
        self.endpoint = endpoint.rstrip("/")
        self.kind = kind
        self.tally = Tally()
        self._retries = retries
        self._longest_wait = longest_wait
        self._headers = _headers(token)

    def __str__(self) -> str:
        return f"{self.endpoint}/api/{self.kind}"

    @property
    def first_path(self) -> str:
        """Path and query of the first page.

        Ascending by creation: new repositories then appear at the end, and none moves while
        the listing is walked. Sorted by downloads, rows shift between pages.
        """
        query = {
            "limit": PAGE_SIZE,
            "sort": "createdAt",
            "direction": 1,
            "expand[]": FIELDS[self.kind],
        }
        return f"/api/{self.kind}?{urlencode(query, doseq=True)}"

    def page(self, path: str) -> Page:
        """Fetch one page.

        Args:
            path: path and query, as ``first_path`` or an earlier ``Page.next_path`` gave it.

        Raises:
            LoaderError: the Hub refuses, stays out of reach, or sends no listing page.
        """
        url = self.endpoint + path
        for attempt in range(self._retries + 1):
            response = self._get(url)
            try:
                records = split_page(response.content)  # only counted; none is decoded
            except ValueError as error:
                problem = str(error)
            else:
                return Page(response.content, len(records), self._next_path(response))
            wait = min(2.0**attempt, self._longest_wait)
            if attempt < self._retries:
                log.warning("%s sent no listing page (%s); again in %g s", self, problem, wait)
                time.sleep(wait)
        raise LoaderError(
            f"{self} sent something that is no listing page, {self._retries + 1} times: {problem}. "
            f"It begins: {response.content[:80]!r}. Run the same command again: the crawl goes on "
            "from this page."
        )

    def _get(self, url: str) -> httpx2.Response:
        try:
            response = http_backoff(
                "GET",
                url,
                headers=self._headers,
                extensions={"tally": self.tally},
                max_retries=self._retries,
                base_wait_time=min(1.0, self._longest_wait),
                max_wait_time=self._longest_wait,
                retry_on_exceptions=_RETRIED_ERRORS,
                retry_on_status_codes=_RETRIED_STATUS,
            )
        except HfHubHTTPError as error:  # a status that was asked again until the tries ran out
            raise LoaderError(self._refusal(error.response)) from error
        except httpx2.HTTPError as error:
            raise LoaderError(
                f"{self} cannot be read: {type(error).__name__}: {error}. Check the address and "
                "the network, then run the same command again: the crawl goes on from this page."
            ) from error
        if response.is_error:
            raise LoaderError(self._refusal(response))
        return response

    def _next_path(self, response: httpx2.Response) -> str | None:
        link = response.links.get("next", {}).get("url")
        if link is None:
            return None
        # A mirror may name the Hub itself in its links; the token must go nowhere else.
        url = fix_hf_endpoint_in_url(urljoin(str(response.url), link), self.endpoint)
        parts = urlsplit(url)
        if not url.startswith(self.endpoint + "/"):
            raise LoaderError(
                f"{self} names a next page at another address, {parts.scheme}://{parts.netloc}. "
                "The crawl stops here, so that no token goes there."
            )
        return url[len(self.endpoint) :]

    def _refusal(self, response: httpx2.Response) -> str:
        said = response.text.strip().replace("\n", " ")[:200]
        advice = {
            401: "Check the token in HF_TOKEN, or unset it to read anonymously.",
            403: "Check that the token in HF_TOKEN may read this.",
            404: "Check that --hub is the address of a Hub, such as https://huggingface.co.",
            429: "The quota of this address or token is used up; run the same command later.",
        }.get(
            response.status_code,
            "Run the same command again later: the crawl goes on from this page.",
        )
        return f"{self} answered {response.status_code} ({said or 'no text'}). {advice}"


class BadAnswer(Exception):
    """An answer about one repository that cannot be used; the message says why."""


class NoAnswer(Exception):
    """No answer after all tries. It tells of the Hub or the network, not of the repository."""


@dataclass(frozen=True)
class Answer:
    """What was answered to one question.

    Attributes:
        body: as received; of a file, its beginning.
        size: bytes of the whole file, where the server says so.
        error_code: of the Hub, such as ``EntryNotFound``; empty where it gives none.
    """

    status: int
    body: bytes
    size: int | None
    error_code: str

    @property
    def is_missing_file(self) -> bool:
        """Whether the repository is there and the file is not."""
        return self.status == 404 and self.error_code in ("", "EntryNotFound")

    def content(self) -> bytes:
        """The body. Raises BadAnswer: it is that of a refusal."""
        if self.status in (200, 206):
            return self.body
        said = self.body[:200].decode(errors="replace").strip() or "no text"
        raise BadAnswer(f"{self.status} {self.error_code or said}")


class HubReader:
    """Asks about single repositories. Use within ``hub_session``, from any number of threads.

    Nobody vouches for what a repository holds, so that no answer is taken without a bound on
    its bytes, its redirects and its time.

    Args:
        endpoint, token, retries, longest_wait: as ``HubListing`` has them.
        longest_read: seconds that one answer may take, however steadily it drips.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        token: str | None = None,
        retries: int = 8,
        longest_wait: float = 60.0,
        longest_read: float = 300.0,
    ) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._headers = _headers(token) | {"Accept-Encoding": "identity"}
        self._has_token = token is not None
        self._retries = retries
        self._longest_wait = longest_wait
        self._longest_read = longest_read

    def get(self, path: str, tally: Tally, *, limit: int, is_beginning: bool = False) -> Answer:
        """Ask one question.

        Args:
            path: path and query.
            tally: where its requests are counted.
            limit: the most bytes to take.
            is_beginning: whether the first ``limit`` bytes will do; else more are an error.

        Raises:
            BadAnswer: it is too long, redirects for ever, or is no HTTP.
            NoAnswer: there is none.
            LoaderError: the token is wrong.
        """
        url = self._endpoint + path
        for _ in range(_MAX_HOPS + 1):
            answer = self._get(url, tally, limit, is_beginning)
            if isinstance(answer, Answer):
                return answer
            url = answer
        raise BadAnswer(f"more than {_MAX_HOPS} redirects")

    def _get(self, url: str, tally: Tally, limit: int, is_beginning: bool) -> Answer | str:
        """The answer, or the URL that it redirects to."""
        headers, extensions = dict(self._headers), {"tally": tally}
        if is_beginning:
            headers["Range"] = f"bytes=0-{limit - 1}"
        is_hub = url.startswith(self._endpoint + "/")
        if not is_hub:
            headers.pop("authorization", None)
            extensions.clear()
        wait, problem = min(1.0, self._longest_wait), ""
        for attempt in range(self._retries + 1):
            if attempt:
                time.sleep(wait)  # and for a 429, in the pacer, as long as its header says
                wait = min(2 * wait, self._longest_wait)
            try:
                # Not http_backoff: it takes an answer whole. Nor http_stream_backoff: it cannot
                # ask again when an answer breaks off.
                with get_session().stream(
                    "GET", url, headers=headers, extensions=extensions, follow_redirects=False
                ) as response:
                    body = self._read(response, limit)
                    if response.has_redirect_location:
                        return urljoin(url, response.headers["Location"])
            except _RETRIED_ERRORS as error:
                problem = f"{type(error).__name__}: {error}"
                continue
            except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
                raise BadAnswer(f"{type(error).__name__}: {error}") from error
            if response.status_code in _RETRIED_STATUS:
                problem = f"answered {response.status_code}"
                continue
            if len(body) > limit and not is_beginning:
                raise BadAnswer(f"longer than {limit:,} bytes")
            code = response.headers.get("X-Error-Code", "" if is_hub else "of the storage")
            if response.status_code == 401 and not code and self._has_token:
                raise LoaderError(
                    f"{self._endpoint} answered 401. Check the token in HF_TOKEN, or unset it to "
                    "read anonymously."
                )
            return Answer(response.status_code, body[:limit], _size(response), code)
        raise NoAnswer(problem)

    def _read(self, response: httpx2.Response, limit: int) -> bytes:
        """The body, or a little more than ``limit`` bytes of it."""
        body, until = bytearray(), time.monotonic() + self._longest_read
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > limit:
                break
            if time.monotonic() > until:
                raise httpx2.ReadTimeout(f"not read in {self._longest_read:g} s")
        return bytes(body)


def _headers(token: str | None) -> dict[str, str]:
    return build_hf_headers(
        token=token or False, library_name=_LIBRARY[0], library_version=_LIBRARY[1]
    )


def _size(response: httpx2.Response) -> int | None:
    """Bytes of the whole file: of a part, ``Content-Range: bytes 0-99/1234`` tells."""
    if response.status_code == 206:
        text = response.headers.get("Content-Range", "").rpartition("/")[2]
    else:
        text = response.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() else None
