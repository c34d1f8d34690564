"""The Hub's answers: its listings, read page by page, and what is asked of one repository.

Built on huggingface_hub's own session and headers, and its reading of the rate limit.
``HfApi.list_models`` is not used: it can no longer ask for ascending order, hides the cursor
that a resumed crawl needs, and turns each record into an object. Nor are its readers of
safetensors headers, which ask twice for each model, wait for no quota, and take an answer into
memory whatever its size. Nor is its ``http_backoff``: it sleeps as long as any header says, for
days if need be, cannot see that a body is no page, and when one crawl finds no connection, it
closes the client under the other.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

import httpx2
from huggingface_hub.utils import (
    build_hf_headers,
    close_session,
    fix_hf_endpoint_in_url,
    get_session,
    set_client_factory,
)

from loaders.errors import LoaderError
from loaders.hub.answer_limits import TooLong, answer_within, bound_connection, leave_out, read_body
from loaders.hub.next_link import CursorState, next_url, without_a_gap
from loaders.hub.rate_limiter import SILENT_WAIT, Pacer, retry_after
from loaders.limits import MAX_PAGE_BYTES
from loaders.warehouse.decoding import survey_page

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

# What passes. Broken compression does, too: its checksum is the only one that an answer carries.
_RETRIED_STATUS = (408, 429, 500, 502, 503, 504)
_RETRIED_ERRORS = (
    httpx2.TimeoutException,
    httpx2.NetworkError,
    httpx2.RemoteProtocolError,
    httpx2.DecodingError,
)
_ADVICE = {
    400: "If it knows the page no longer, run the same command with --refetch",
    401: "Check the token in HF_TOKEN, or unset it to read anonymously",
    403: "Check that the token in HF_TOKEN may read this",
    404: "Check that --hub is the address of a Hub, such as https://huggingface.co",
    429: "The quota of this address or token is used up; run the same command later",
}
_LIBRARY = ("hub-observatory", "1.0")

_MAX_HOPS = 5  # a renamed repository takes one, a stored file another
_MOST_DIGITS = 18  # of a size in bytes; Python reads no number of thousands of them
_LONGEST_READ = 300.0  # seconds for one answer, however steadily it drips


@dataclass
class Tally:
    """What has been asked of the Hub so far, by a crawl or about one model."""

    requests: int = 0  # retries included; those to its storage are not the Hub's
    rate_limited: int = 0  # answers with status 429


@dataclass(frozen=True)
class Page:
    """One answer of a listing.

    Attributes:
        body: as received, decompressed.
        records, last_id, middle_id, unreadable, ids: as ``PageSurvey`` has them.
        next_path: path and query of the next page; None on the last one.
        cursor: what the link to the next page said of where it begins.
    """

    body: bytes
    records: int
    last_id: str
    middle_id: str
    unreadable: tuple[bytes, ...]
    ids: Sequence[str]
    next_path: str | None
    cursor: CursorState

    def agrees_with(self, other: "Page | None") -> bool:
        """Whether both list the same; downloads may have moved in between."""
        return other is not None and self._listed == other._listed

    @property
    def _listed(self) -> tuple[Any, ...]:
        return self.records, self.last_id, self.unreadable, self.next_path is None


class Oddity(NamedTuple):
    """Why a page is asked for twice.

    Attributes:
        what: in words, of the page.
        is_usual: a good listing may have it.
    """

    what: str
    is_usual: bool = False


@contextmanager
def hub_session(*, quota_share: float = 0.8, timeout: float = 60.0) -> Iterator[None]:
    """Give huggingface_hub an HTTP client that paces, counts and keeps to limits of an answer.

    Args:
        quota_share: the part of the Hub's quota to use, above 0 and up to 1.
        timeout: seconds to wait for a connection, and between two chunks of an answer.
    """
    pacer = Pacer(quota_share)

    def before(request: httpx2.Request) -> None:
        request.extensions["trace"] = bound_connection
        if tally := request.extensions.get("tally"):  # others go to the storage: it has no quota
            started = time.monotonic()
            pacer.wait()
            leave_out(time.monotonic() - started)
            tally.requests += 1

    def after(response: httpx2.Response) -> None:
        if tally := response.request.extensions.get("tally"):
            pacer.observe(response.headers)
            tally.rate_limited += response.status_code == 429

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
        token_over_http: send it even if anyone on the way to the endpoint can read it.
        page_size: records to ask for at a time.
        retries: how often one page is asked for again before the crawl gives up.
        longest_wait: seconds between two such tries; the first waits 1 s, each next one twice
            as long. A 429 is waited out as long as its header says, up to 10 minutes.
        longest_read: seconds that one answer may take, however steadily it drips.

    Raises:
        LoaderError: the token cannot be sent.
    """

    def __init__(
        self,
        endpoint: str,
        kind: str,
        *,
        token: str | None = None,
        token_over_http: bool = False,
        page_size: int = PAGE_SIZE,
        retries: int = 8,
        longest_wait: float = 60.0,
        longest_read: float = _LONGEST_READ,
    ) -> None:
        self.endpoint = endpoint.rstrip("/")
        self.kind = kind
        self.page_size = page_size
        self.tally = Tally()
        self._retries = retries
        self._longest_wait = longest_wait
        self._longest_read = longest_read
        self._headers = _headers(self.endpoint, token, token_over_http)

    def __str__(self) -> str:
        return f"{self.endpoint}/api/{self.kind}"

    @property
    def first_path(self) -> str:
        """Path and query of the first page.

        Ascending by creation: new repositories then appear at the end, and none moves while
        the listing is walked. Sorted by downloads, rows shift between pages.
        """
        query = {
            "limit": self.page_size,
            "sort": "createdAt",
            "direction": 1,
            "expand[]": FIELDS[self.kind],
        }
        return f"/api/{self.kind}?{urlencode(query, doseq=True)}"

    def page(self, path: str, oddity: Callable[[Page], Oddity | None] = lambda page: None) -> Page:
        """Fetch one page.

        An answer that is no page is asked for again. So is an odd page, and what two answers
        in a row agree on is taken: it is what the Hub says, and did not befall one answer.

        Args:
            path: path and query, as ``first_path`` or an earlier ``Page.next_path`` gave it.
            oddity: says what is odd about a page, if anything; raises ValueError where it
                cannot be the page.

        Raises:
            LoaderError: the path is not one of this listing, or the Hub refuses, stays out of
                reach, or sends no such page.
        """
        if not self._is_own(path):  # it may come from a landing zone that somebody edited
            raise LoaderError(
                f"The path of the next page of {self}, {_shown(path)}, is not one of this listing. "
                "Nothing was asked, so that no token goes elsewhere. Restore the landing zone, or "
                "remove the crawl's folder from it."
            )
        odd_page: Page | None = None
        tries = max(self._retries, 1) + 1  # an odd page is asked for again in any case
        for attempt in _tries(tries, self._longest_wait):
            page = None
            try:
                response, body = self._ask(self.endpoint + path)
                survey = survey_page(body)
                # A last _id that is spoilt lies before the middle: the page is then read by half.
                end = max(survey.last_id, survey.middle_id)
                page = Page(body, *survey, *self._next_path(response, end))
                odd = oddity(page)
            except NoAnswer as error:
                page, problem = None, str(error)
            except ValueError as error:
                page, problem = None, self._no_page(str(error), body)
            else:
                if odd is None or page.agrees_with(odd_page):
                    return page
                problem = self._no_page(odd.what, body)
            odd_page = page
            if page is not None and odd.is_usual:
                log.debug("%s: a page is asked for once more, for %s", self, odd.what)
            else:
                log.warning("%s (try %d of %d)", problem, attempt, tries)
            if page is None and attempt > self._retries:
                break
        raise LoaderError(
            f"{problem}. It was asked {attempt} times. Run the same command again: the crawl "
            "goes on from this page."
        )

    def _ask(self, url: str) -> tuple[httpx2.Response, bytes]:
        """One answer and its body. Raises NoAnswer: a failure that may pass."""
        for _ in range(_MAX_HOPS + 1):
            response, body = self._ask_once(url)
            if not response.has_redirect_location:
                return response, body
            try:
                url = urljoin(url, response.headers["Location"])
            except ValueError as error:  # httpx2 takes addresses that urllib does not
                raise NoAnswer(f"{self} redirects to no address: {error}") from error
            if not _is_within(url, self.endpoint):
                raise LoaderError(
                    f"{self} redirects to another address, {_shown(url)}. The crawl stops here, so "
                    "that no token goes there. If that is the Hub, give it as --hub."
                )
        raise NoAnswer(f"{self} redirects more than {_MAX_HOPS} times")

    def _ask_once(self, url: str) -> tuple[httpx2.Response, bytes]:
        try:
            with (
                answer_within(self._longest_read, MAX_PAGE_BYTES),
                get_session().stream(
                    "GET",
                    url,
                    headers=self._headers,
                    extensions={"tally": self.tally},
                    follow_redirects=False,
                ) as response,
            ):
                body = read_body(response, MAX_PAGE_BYTES)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            problem = f"{self} cannot be read: {type(error).__name__}: {error}"
            if isinstance(error, _RETRIED_ERRORS):
                raise NoAnswer(f"{problem}. Check the address and the network") from error
            raise LoaderError(f"{problem}. Check the address.") from error
        except MemoryError:
            raise
        except Exception as error:  # whatever a server's bytes make the libraries raise
            raise NoAnswer(f"{self} sent no answer that can be read: {_told(error)}") from error
        if response.is_error:
            said = _hidden(body, self._headers)[:200].decode(errors="replace").strip()
            said = said.replace("\n", " ") or "no text"
            problem = f"{self} answered {response.status_code} ({said})"
            if advice := _ADVICE.get(response.status_code):
                problem += f". {advice}"
            if response.status_code in _RETRIED_STATUS:
                raise NoAnswer(problem)
            raise LoaderError(f"{problem}.")
        return response, body

    def _no_page(self, why: str, body: bytes) -> str:
        begins = _hidden(body, self._headers)[:80]
        return f"{self} sent something that is no listing page: {why}. It begins: {begins!r}"

    def _next_path(self, response: httpx2.Response, last_id: str) -> tuple[str | None, CursorState]:
        """Path and query of the next page, None after the last one; and what its cursor said.

        Raises:
            ValueError: nobody can tell where it is, or it lies before this one.
            LoaderError: it is at another address.
        """
        link = next_url(response.headers.get("Link"))
        if link is None:
            return None, CursorState.NONE
        # A mirror may name the Hub itself in its links; the token must go nowhere else.
        url = fix_hf_endpoint_in_url(urljoin(str(response.url), link), self.endpoint)
        if not _is_within(url, self.endpoint):
            raise LoaderError(
                f"{self} names a next page at another address, {_shown(url)}. The crawl stops "
                "here, so that no token goes there. Check that --hub is the Hub's own address."
            )
        path = url[len(self.endpoint) :]
        if not self._is_own(path):
            raise ValueError("its Link header leads out of the listing")
        return without_a_gap(path, last_id)

    def _is_own(self, path: str) -> bool:
        """Whether a path, behind the endpoint, is one of this listing."""
        return path.startswith(f"/api/{self.kind}?") and path.isascii() and path.isprintable()


class BadAnswer(Exception):
    """An answer about one repository that cannot be used; the message says why."""


class NoAnswer(Exception):
    """No answer. It tells of the Hub or the network, not of what was asked for."""


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
        endpoint, token, token_over_http, retries, longest_wait: as ``HubListing`` has them.
        longest_read: seconds that one answer may take, however steadily it drips.

    Raises:
        LoaderError: the token cannot be sent.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        token: str | None = None,
        token_over_http: bool = False,
        retries: int = 8,
        longest_wait: float = 60.0,
        longest_read: float = _LONGEST_READ,
    ) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._headers = _headers(self._endpoint, token, token_over_http) | {
            "Accept-Encoding": "identity"
        }
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
            BadAnswer: it is too long, redirects for ever, or cannot be read.
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
        problem = ""
        for _ in _tries(self._retries + 1, self._longest_wait):
            try:
                with (
                    answer_within(self._longest_read, limit),
                    get_session().stream(
                        "GET", url, headers=headers, extensions=extensions, follow_redirects=False
                    ) as response,
                ):
                    body = read_body(response, limit, is_beginning=is_beginning)
                    if response.has_redirect_location:
                        return urljoin(url, response.headers["Location"])
            except _RETRIED_ERRORS as error:
                problem = _told(error)
                continue
            except MemoryError:
                raise
            except Exception as error:  # whatever a server's bytes make the libraries raise
                raise BadAnswer(_told(error)) from error
            if response.status_code in _RETRIED_STATUS:
                problem = f"answered {response.status_code}"
                if not is_hub:  # the Hub's are waited out by the pacer
                    time.sleep(min(retry_after(response.headers) or 0.0, self._longest_wait))
                continue
            code = response.headers.get("X-Error-Code", "" if is_hub else "of the storage")
            if response.status_code == 401 and not code and "authorization" in self._headers:
                raise LoaderError(
                    f"{self._endpoint} answered 401. Check the token in HF_TOKEN, or unset it to "
                    "read anonymously."
                )
            body = _hidden(body, self._headers)
            return Answer(response.status_code, body, _size(response), code)
        raise NoAnswer(problem)


def _tries(tries: int, longest_wait: float) -> Iterator[int]:
    """Count tries from 1, with a longer wait before each: 1, 2, 4 s and so on.

    A 429 waits in the pacer as well, as long as its header says.
    """
    wait = min(1.0, longest_wait)
    for attempt in range(1, tries + 1):
        if attempt > 1:
            if wait >= SILENT_WAIT:
                log.info("Waiting %.0f s before try %d of %d", wait, attempt, tries)
            time.sleep(wait)
            wait = min(2 * wait, longest_wait)
        yield attempt


def _told(error: Exception) -> str:
    """An error in words; a TooLong is told by its own."""
    return str(error) if isinstance(error, TooLong) else f"{type(error).__name__}: {error}"


def _is_within(url: str, endpoint: str) -> bool:
    """Whether a URL is at an endpoint: the same scheme, host and port, and under its path."""
    return url.startswith(endpoint + "/") and urlsplit(url).netloc == urlsplit(endpoint).netloc


def _shown(url: str) -> str:
    """The beginning of what a stranger calls an address, without what a terminal would obey."""
    return ascii(url.partition("?")[0][:100])


def _is_this_machine(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name
        return False


def _headers(endpoint: str, token: str | None, token_over_http: bool) -> dict[str, str]:
    token = (token or "").strip()  # a secret that was written with echo ends in a line end
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise LoaderError(
            "HF_TOKEN holds a character that no token has, such as a blank or a line end. Set it "
            "anew, or unset it to read anonymously."
        )
    is_readable = urlsplit(endpoint).scheme != "https" and not _is_this_machine(endpoint)
    if token and is_readable and not token_over_http:
        raise LoaderError(
            f"HF_TOKEN would go to {endpoint} in clear text, and whoever is on the way could read "
            "it. Give --hub an https:// address, unset HF_TOKEN to read anonymously, or send it "
            "all the same with --token-over-http."
        )
    return build_hf_headers(
        token=token or False, library_name=_LIBRARY[0], library_version=_LIBRARY[1]
    )


def _hidden(said: bytes, headers: dict[str, str]) -> bytes:
    """What a server says, without the token: there are those that repeat what they refuse."""
    token = headers.get("authorization", "").removeprefix("Bearer ")
    return said.replace(token.encode(), b"[HF_TOKEN]") if token else said


def _size(response: httpx2.Response) -> int | None:
    """Bytes of the whole file: of a part, ``Content-Range: bytes 0-99/1234`` tells."""
    if response.status_code == 206:
        text = response.headers.get("Content-Range", "").rpartition("/")[2]
    else:
        text = response.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None
