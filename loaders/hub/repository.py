"""Requests about one repository, and their answers.

huggingface_hub's readers of safetensors headers are not used: they ask twice for each model, wait
for no quota, and take an answer into memory whatever its size.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urljoin

import httpx2
import msgspec
from huggingface_hub.utils import get_session

from loaders.errors import LoaderError
from loaders.hub.answer_limits import answer_within, read_body
from loaders.hub.rate_limiter import retry_after
from loaders.hub.retry import RETRIED_ERRORS, RETRIED_STATUS, NoAnswerError, error_text, tries
from loaders.hub.session import (
    COUNTED_BY,
    LONGEST_READ,
    MAX_REDIRECTS,
    RequestCount,
    request_headers,
    without_token,
)

_Decoded = TypeVar("_Decoded")
_STORAGE = "of the storage"  # in the place of an error code, which only the Hub gives
_MOST_DIGITS = 18  # of a size in bytes; Python reads no number of thousands of them


class BadAnswerError(Exception):
    """An answer about one repository that cannot be used; the message says why."""


@dataclass(frozen=True)
class Answer:
    """An answer to one question.

    Attributes:
        body: as received; of a file, its beginning.
        size: bytes of the whole file, where the server says so.
        error_code: of the Hub, such as ``EntryNotFound``; empty where it gives none.
        link: its ``Link`` header, which names the next page of a list; None where there is none.
    """

    status: int
    body: bytes
    size: int | None
    error_code: str
    link: str | None = None

    @property
    def is_missing_file(self) -> bool:
        """Say whether the repository is there and the file is not."""
        return self.status == 404 and self.error_code in ("", "EntryNotFound")

    def content(self) -> bytes:
        """Give the body. Raises BadAnswerError: it is that of a refusal."""
        if self.status in (200, 206):
            return self.body
        text = self.body[:200].decode(errors="replace").strip() or "no text"
        raise BadAnswerError(f"{self.status} {self.error_code or text}")


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
        longest_read: float = LONGEST_READ,
    ) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._headers = request_headers(self._endpoint, token, token_over_http) | {
            "Accept-Encoding": "identity"
        }
        self._retries = retries
        self._longest_wait = longest_wait
        self._longest_read = longest_read

    def get(
        self, path: str, count: RequestCount, *, limit: int, is_beginning: bool = False
    ) -> Answer:
        """Ask one question.

        Args:
            path: path and query.
            count: where its requests are counted.
            limit: the most bytes to take.
            is_beginning: whether the first ``limit`` bytes will do; else more are an error.

        Raises:
            BadAnswerError: it is too long, redirects for ever, or cannot be read.
            NoAnswerError: there is none.
            LoaderError: the token is wrong.
        """
        return self._follow(path, count, limit, is_beginning)

    def get_part(self, path: str, count: RequestCount, *, start: int, length: int) -> bytes:
        """Read a part of a file. One that came in half is asked for again.

        Args:
            path, count: as ``get`` has them.
            start: of its first byte in the file.
            length: its bytes, all of which the file must have.

        Raises:
            BadAnswerError, NoAnswerError, LoaderError: as ``get`` has them.
        """
        problem = ""
        for _ in tries(self._retries + 1, self._longest_wait):
            answer = self._follow(path, count, length, True, start)
            # The link to the storage can have run out: the Hub gives another one.
            if answer.error_code == _STORAGE and answer.status not in (200, 206):
                problem = f"the storage answered {answer.status}"
                continue
            content = answer.content()
            if answer.status == 200 and start:
                problem = "the whole file came where a part was asked for"
            elif len(content) != length:
                problem = f"{len(content):,} bytes of a file that should have {length:,}"
            else:
                return content
        raise BadAnswerError(problem)

    def get_decoded(
        self, path: str, count: RequestCount, decode: Callable[[bytes], _Decoded], *, limit: int
    ) -> tuple[_Decoded | None, Answer]:
        """Ask one question, and again where the answer cannot be read.

        Args:
            path, count, limit: as ``get`` has them.
            decode: reads the body, or raises a ValueError or msgspec's.

        Returns:
            What it reads, or None where there is no such file, and the answer.

        Raises:
            BadAnswerError, NoAnswerError, LoaderError: as ``get`` has them.
        """
        problem = ""
        for _ in tries(self._retries + 1, self._longest_wait):
            answer = self.get(path, count, limit=limit)
            if answer.is_missing_file:
                return None, answer
            try:
                return decode(answer.content()), answer
            except (ValueError, msgspec.DecodeError, RecursionError) as error:
                problem = str(error)[:200]
        raise BadAnswerError(f"what the Hub says cannot be read: {problem}")

    def _follow(
        self,
        path: str,
        count: RequestCount,
        limit: int,
        is_beginning: bool,
        start: int | None = None,
    ) -> Answer:
        """Ask, and go where the answer leads; with ``start``, for just ``limit`` bytes of a file.

        Raises:
            BadAnswerError, NoAnswerError, LoaderError: as ``get`` has them.
        """
        url = self._endpoint + path
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._get(url, count, limit, is_beginning, start)
            if isinstance(answer, Answer):
                return answer
            url = answer
        raise BadAnswerError(f"more than {MAX_REDIRECTS} redirects")

    def _get(
        self, url: str, count: RequestCount, limit: int, is_beginning: bool, start: int | None
    ) -> Answer | str:
        """Give the answer, or the URL that it redirects to."""
        headers, extensions = dict(self._headers), {COUNTED_BY: count}
        if is_beginning:
            headers["Range"] = f"bytes={start or 0}-{(start or 0) + limit - 1}"
        is_hub = url.startswith(self._endpoint + "/")
        if not is_hub:
            headers.pop("authorization", None)
            extensions.clear()
        problem = ""
        for _ in tries(self._retries + 1, self._longest_wait):
            try:
                response, body = self._stream(url, headers, extensions, limit, is_beginning)
            except NoAnswerError as error:
                problem = str(error)
                continue
            if response.has_redirect_location:
                return _redirected(url, response)
            if response.status_code in RETRIED_STATUS:
                problem = f"answered {response.status_code}"
                if not is_hub:  # the Hub's are waited out by the rate limiter
                    time.sleep(min(retry_after(response.headers) or 0.0, self._longest_wait))
                continue
            if start is not None and (wrong := _problem_of_part(response, body, start, limit)):
                problem = wrong
                continue
            code = response.headers.get("X-Error-Code", "" if is_hub else _STORAGE)
            if response.status_code == 401 and not code and "authorization" in self._headers:
                raise LoaderError(
                    f"{self._endpoint} answered 401. Check the token in HF_TOKEN, or unset it to "
                    "read anonymously."
                )
            body = without_token(body, self._headers)
            link = response.headers.get("Link")
            return Answer(response.status_code, body, _size(response), code, link)
        raise NoAnswerError(problem)

    def _stream(
        self,
        url: str,
        headers: dict[str, str],
        extensions: dict[str, RequestCount],
        limit: int,
        is_beginning: bool,
    ) -> tuple[httpx2.Response, bytes]:
        """Ask once. Raises NoAnswerError (a failure that may pass) or BadAnswerError (it stays)."""
        try:
            with (
                answer_within(self._longest_read, limit),
                get_session().stream(
                    "GET", url, headers=headers, extensions=extensions, follow_redirects=False
                ) as response,
            ):
                return response, read_body(response, limit, is_beginning=is_beginning)
        except RETRIED_ERRORS as error:
            raise NoAnswerError(error_text(error)) from error
        except MemoryError:
            raise
        except Exception as error:  # whatever a server's bytes make the libraries raise
            raise BadAnswerError(error_text(error)) from error


def _problem_of_part(response: httpx2.Response, body: bytes, start: int, length: int) -> str | None:
    """Say what is wrong with a part of a file that began at ``start``; None for nothing."""
    if response.status_code != 206:
        return None
    said = response.headers.get("Content-Range", "")
    if not said.startswith(f"bytes {start}-"):
        return f"gave another part, {said[:50]!a}, than that from byte {start} on"
    size = _size(response)
    expected = length if size is None else min(length, max(size - start, 0))
    return f"gave {len(body):,} of {expected:,} bytes" if len(body) < expected else None


def _redirected(url: str, response: httpx2.Response) -> str:
    try:
        return urljoin(url, response.headers["Location"])
    except ValueError as error:  # httpx2 takes addresses that urllib does not
        raise BadAnswerError(error_text(error)) from error


def _size(response: httpx2.Response) -> int | None:
    """Read the bytes of the whole file; of a part, from ``Content-Range: bytes 0-99/1234``."""
    if response.status_code == 206:
        text = response.headers.get("Content-Range", "").rpartition("/")[2]
    else:
        text = response.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None
