"""The Hub's listing of all models, or of all datasets, read page by page.

``HfApi.list_models`` is not used: it can no longer ask for ascending order, hides the cursor
that a resumed crawl needs, and turns each record into an object.
"""

import logging
from collections.abc import Callable
from urllib.parse import urlencode, urljoin

import httpx2
from huggingface_hub.utils import fix_hf_endpoint_in_url, get_session

from loaders.errors import LoaderError
from loaders.hub.answer_limits import answer_within, read_body
from loaders.hub.fields import requested_fields
from loaders.hub.next_link import CursorState, next_url, without_a_gap
from loaders.hub.page import Page
from loaders.hub.page_checks import PageAnomaly
from loaders.hub.page_survey import survey_page
from loaders.hub.retry import RETRIED_ERRORS, RETRIED_STATUS, NoAnswerError, error_text, tries
from loaders.hub.session import (
    COUNTED_BY,
    LONGEST_READ,
    MAX_REDIRECTS,
    RequestCount,
    is_within,
    printable_url,
    request_headers,
    without_token,
)
from loaders.limits import MAX_PAGE_BYTES

log = logging.getLogger(__name__)

PAGE_SIZE = 1000  # the Hub clamps larger values to this

_ADVICE = {
    400: "If it knows the page no longer, run the same command with --refetch",
    401: "Check the token in HF_TOKEN, or unset it to read anonymously",
    403: "Check that the token in HF_TOKEN may read this",
    404: "Check that --hub is the address of a Hub, such as https://huggingface.co",
    429: "The quota of this address or token is used up; run the same command later",
}


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
        longest_read: float = LONGEST_READ,
    ) -> None:
        self.endpoint = endpoint.rstrip("/")
        self.kind = kind
        self.page_size = page_size
        self.requests = RequestCount()
        self._retries = retries
        self._longest_wait = longest_wait
        self._longest_read = longest_read
        self._headers = request_headers(self.endpoint, token, token_over_http)

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
            "expand[]": requested_fields(self.kind),
        }
        return f"/api/{self.kind}?{urlencode(query, doseq=True)}"

    def page(
        self,
        path: str,
        find_anomaly: Callable[[Page], PageAnomaly | None] = lambda page: None,
    ) -> Page:
        """Fetch one page.

        An answer that is no page is asked for again. So is a page with an anomaly, and what two
        answers in a row agree on is taken: it is what the Hub says, and did not befall one answer.

        Args:
            path: path and query, as ``first_path`` or an earlier ``Page.next_path`` gave it.
            find_anomaly: names the anomaly of a page, if it has one; raises ValueError where it
                cannot be the page.

        Raises:
            LoaderError: the path is not one of this listing, or the Hub refuses, stays out of
                reach, or sends no such page.
        """
        if not self._is_own(path):  # it may come from a landing zone that somebody edited
            raise LoaderError(
                f"The path of the next page of {self}, {printable_url(path)}, is not one of this "
                "listing. Nothing was asked, so that no token goes elsewhere. Restore the landing "
                "zone, or remove the crawl's folder from it."
            )
        previous: Page | None = None
        count = max(self._retries, 1) + 1  # one with an anomaly is asked for again in any case
        for attempt in tries(count, self._longest_wait):
            level = logging.WARNING
            try:
                page, anomaly = self._try_page(path, find_anomaly)
            except NoAnswerError as error:
                previous, problem = None, str(error)
            else:
                if anomaly is None or page.agrees_with(previous):
                    return page
                previous, problem = page, self._no_page(anomaly.what, page.body)
                if anomaly.is_usual:
                    level = logging.DEBUG
            log.log(level, "%s (try %d of %d)", problem, attempt, count)
            if previous is None and attempt > self._retries:
                break
        raise LoaderError(
            f"{problem}. It was asked {attempt} times. Run the same command again: the crawl "
            "goes on from this page."
        )

    def _try_page(
        self, path: str, find_anomaly: Callable[[Page], PageAnomaly | None]
    ) -> tuple[Page, PageAnomaly | None]:
        """Fetch one page once. Raises NoAnswerError: none came that can be this page."""
        response, body = self._ask(self.endpoint + path)
        try:
            survey = survey_page(body)
            # A last _id that is spoilt lies before the middle: the page is then read by half.
            end = max(survey.last_id, survey.middle_id)
            page = Page(body, *survey, *self._next_path(response, end))
            return page, find_anomaly(page)
        except ValueError as error:
            raise NoAnswerError(self._no_page(str(error), body)) from error

    def _ask(self, url: str) -> tuple[httpx2.Response, bytes]:
        """Give one answer and its body. Raises NoAnswerError: a failure that may pass."""
        for _ in range(MAX_REDIRECTS + 1):
            response, body = self._ask_once(url)
            if not response.has_redirect_location:
                return response, body
            try:
                url = urljoin(url, response.headers["Location"])
            except ValueError as error:  # httpx2 takes addresses that urllib does not
                raise NoAnswerError(f"{self} redirects to no address: {error}") from error
            if not is_within(url, self.endpoint):
                raise LoaderError(
                    f"{self} redirects to another address, {printable_url(url)}. The crawl stops "
                    "here, so that no token goes there. If that is the Hub, give it as --hub."
                )
        raise NoAnswerError(f"{self} redirects more than {MAX_REDIRECTS} times")

    def _ask_once(self, url: str) -> tuple[httpx2.Response, bytes]:
        try:
            with (
                answer_within(self._longest_read, MAX_PAGE_BYTES),
                get_session().stream(
                    "GET",
                    url,
                    headers=self._headers,
                    extensions={COUNTED_BY: self.requests},
                    follow_redirects=False,
                ) as response,
            ):
                body = read_body(response, MAX_PAGE_BYTES)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            problem = f"{self} cannot be read: {type(error).__name__}: {error}"
            if isinstance(error, RETRIED_ERRORS):
                raise NoAnswerError(f"{problem}. Check the address and the network") from error
            raise LoaderError(f"{problem}. Check the address.") from error
        except MemoryError:
            raise
        except Exception as error:  # whatever a server's bytes make the libraries raise
            problem = f"{self} sent no answer that can be read: {error_text(error)}"
            raise NoAnswerError(problem) from error
        self._check_status(response, body)
        return response, body

    def _check_status(self, response: httpx2.Response, body: bytes) -> None:
        """Raise NoAnswerError or LoaderError: for an error that may pass, or one that will not."""
        if not response.is_error:
            return
        text = without_token(body, self._headers)[:200].decode(errors="replace").strip()
        text = text.replace("\n", " ") or "no text"
        problem = f"{self} answered {response.status_code} ({text})"
        if advice := _ADVICE.get(response.status_code):
            problem += f". {advice}"
        if response.status_code in RETRIED_STATUS:
            raise NoAnswerError(problem)
        raise LoaderError(f"{problem}.")

    def _no_page(self, why: str, body: bytes) -> str:
        begins = without_token(body, self._headers)[:80]
        return f"{self} sent something that is no listing page: {why}. It begins: {begins!r}"

    def _next_path(self, response: httpx2.Response, last_id: str) -> tuple[str | None, CursorState]:
        """Find path and query of the next page, None after the last one, and its cursor's state.

        Raises:
            ValueError: nobody can tell where it is, or it lies before this one.
            LoaderError: it is at another address.
        """
        link = next_url(response.headers.get("Link"))
        if link is None:
            return None, CursorState.NONE
        # A mirror may name the Hub itself in its links; the token must go nowhere else.
        url = fix_hf_endpoint_in_url(urljoin(str(response.url), link), self.endpoint)
        if not is_within(url, self.endpoint):
            raise LoaderError(
                f"{self} names a next page at another address, {printable_url(url)}. The crawl "
                "stops here, so that no token goes there. Check that --hub is the Hub's own "
                "address."
            )
        path = url[len(self.endpoint) :]
        if not self._is_own(path):
            raise ValueError("its Link header leads out of the listing")
        return without_a_gap(path, last_id)

    def _is_own(self, path: str) -> bool:
        """Say whether a path, behind the endpoint, is one of this listing."""
        return path.startswith(f"/api/{self.kind}?") and path.isascii() and path.isprintable()
