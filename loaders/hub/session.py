"""The HTTP client for the Hub, the headers it sends, and where its token may go.

Built on huggingface_hub's own session and headers. Its ``http_backoff`` is not used: it sleeps as
long as any header says, for days if need be, cannot see that a body is no page, and when one
crawl finds no connection, it closes the client under the other.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx2
from huggingface_hub.utils import build_hf_headers, close_session, set_client_factory

from loaders.errors import LoaderError
from loaders.hub.answer_limits import bound_connection, leave_out
from loaders.hub.rate_limiter import RateLimiter

MAX_REDIRECTS = 5  # a renamed repository takes one, a stored file another
LONGEST_READ = 300.0  # seconds for one answer, however steadily it drips
# The key of a request's extensions that holds its RequestCount. Requests to the Hub's storage have
# none: they are not counted, nor do they wait for the quota.
COUNTED_BY = "request_count"

_LIBRARY = ("hub-observatory", "1.0")


@dataclass
class RequestCount:
    """Requests made to the Hub so far, by a crawl or about one model."""

    total: int = 0  # retries included; those to its storage are not the Hub's
    rate_limited: int = 0  # of these, answered with status 429


@contextmanager
def hub_session(*, quota_share: float = 0.8, timeout: float = 60.0) -> Iterator[None]:
    """Give huggingface_hub an HTTP client that limits its rate, counts, and bounds an answer.

    Args:
        quota_share: the part of the Hub's quota to use, above 0 and up to 1.
        timeout: seconds to wait for a connection, and between two chunks of an answer.
    """
    rate_limiter = RateLimiter(quota_share)

    def before(request: httpx2.Request) -> None:
        request.extensions["trace"] = bound_connection
        if count := request.extensions.get(COUNTED_BY):
            started = time.monotonic()
            rate_limiter.wait()
            leave_out(time.monotonic() - started)
            count.total += 1

    def after(response: httpx2.Response) -> None:
        if count := response.request.extensions.get(COUNTED_BY):
            rate_limiter.observe(response.headers)
            count.rate_limited += response.status_code == 429

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


def request_headers(endpoint: str, token: str | None, token_over_http: bool) -> dict[str, str]:
    """Build the headers of requests to an endpoint.

    Args:
        token: None or an empty text reads anonymously.
        token_over_http: send the token even if anyone on the way to the endpoint can read it.

    Raises:
        LoaderError: the token cannot be sent, or would be read on the way.
    """
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


def without_token(body: bytes, headers: Mapping[str, str]) -> bytes:
    """Hide the token of a request in its answer: there are servers that repeat what they refuse."""
    token = headers.get("authorization", "").removeprefix("Bearer ")
    return body.replace(token.encode(), b"[HF_TOKEN]") if token else body


def is_within(url: str, endpoint: str) -> bool:
    """Say whether a URL is at an endpoint: the same scheme, host and port, and under its path."""
    return url.startswith(endpoint + "/") and urlsplit(url).netloc == urlsplit(endpoint).netloc


def printable_url(url: str) -> str:
    """Cut what a stranger calls an address to its beginning, less what a terminal would obey."""
    return ascii(url.partition("?")[0][:100])


def _is_this_machine(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name
        return False
