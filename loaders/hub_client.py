"""The Hub's listing endpoints, read page by page.

Built on huggingface_hub's own HTTP helpers, which know the Hub's errors, its token and its
rate limit. ``HfApi.list_models`` is not used: it can no longer ask for ascending order, hides
the cursor that a resumed crawl needs, and turns each record into an object.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

import httpx2
import msgspec
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import (
    build_hf_headers,
    close_session,
    fix_hf_endpoint_in_url,
    http_backoff,
    parse_ratelimit_headers,
    set_client_factory,
)

from loaders.errors import LoaderError

log = logging.getLogger(__name__)

PAGE_SIZE = 1000  # the Hub clamps larger values to this

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


@dataclass
class Tally:
    """What a crawl has asked of the Hub so far."""

    requests: int = 0
    rate_limited: int = 0  # answers with status 429


@dataclass(frozen=True)
class Page:
    """One answer of a listing: the body as received, decompressed, and where the next one is."""

    body: bytes
    records: int
    next_path: str | None


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
        pacer.wait()
        if tally := request.extensions.get("tally"):
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
        self._headers = build_hf_headers(
            token=token or False, library_name=_LIBRARY[0], library_version=_LIBRARY[1]
        )

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
                # Raw: the records are counted and the JSON is checked, but nothing is decoded.
                records = msgspec.json.decode(response.content, type=list[msgspec.Raw])
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
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
