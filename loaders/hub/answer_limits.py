"""Limits on one answer of a server: how long it may take and how many bytes it may send.

They hold where its bytes arrive, in the connection. Whoever looks at the clock between two
pieces of a body sees neither headers that come a byte at a time, nor interim answers (1xx) without
end, nor chunks that decompress to nothing.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import httpx2

# What an answer may send beside its body: headers, chunk sizes, a compression that gains nothing.
_OVERHEAD_FACTOR, _OVERHEAD_BYTES = 2, 1_000_000


class TooLongError(Exception):
    """An answer has more bytes than it may; the message says how many those are."""


@dataclass
class _Limits:
    seconds: float
    until: float
    bytes_left: int
    most_bytes: int

    def seconds_left(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise httpx2.ReadTimeout(f"not read in {self.seconds:g} s")
        return left


_limits: ContextVar[_Limits | None] = ContextVar("limits", default=None)


@contextmanager
def answer_within(seconds: float, most_bytes: int) -> Iterator[None]:
    """Bound every answer that this thread reads within the block, connecting included.

    Args:
        seconds: for all of it, however steadily it comes.
        most_bytes: of its body. Twice as many and a megabyte may travel.

    Raises:
        httpx2.ReadTimeout: it takes longer.
        TooLongError: more travels.
    """
    limits = _Limits(
        seconds,
        time.monotonic() + seconds,
        _OVERHEAD_FACTOR * most_bytes + _OVERHEAD_BYTES,
        most_bytes,
    )
    token = _limits.set(limits)
    try:
        yield
    finally:
        _limits.reset(token)


def leave_out(seconds: float) -> None:
    """Leave out of the limit some seconds that this thread waited before it asked."""
    if limits := _limits.get():
        limits.until += seconds


def bound_connection(event: str, details: Mapping[str, Any]) -> None:
    """Hold a new connection to the limits of whoever reads from it; httpx2's ``trace``.

    A connection outlives its first answer, and the one that reads next has limits of its own.
    """
    if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
        stream = details["return_value"]
        stream.read = _bounded(stream.read)


def _bounded(read: Callable[..., bytes]) -> Callable[..., bytes]:
    def bounded(max_bytes: int, timeout: float | None = None) -> bytes:
        limits = _limits.get()
        if limits is None:
            return read(max_bytes, timeout)
        left = limits.seconds_left()
        try:
            data = read(max_bytes, left if timeout is None else min(timeout, left))
        except Exception:
            limits.seconds_left()  # if its time is up, that is what to say
            raise
        limits.bytes_left -= len(data)
        if limits.bytes_left < 0:
            raise TooLongError(f"longer than {limits.most_bytes:,} bytes")
        return data

    return bounded


def read_body(response: httpx2.Response, most_bytes: int, *, is_beginning: bool = False) -> bytes:
    """Read the body of an answer, decompressed. Use within ``answer_within``.

    Args:
        is_beginning: whether the first ``most_bytes`` will do; else more are an error.

    Raises:
        TooLongError: it has more bytes, or more of them travel.
        httpx2.HTTPError: it cannot be read, or not in time.
    """
    encodings = response.headers.get_list("Content-Encoding", split_commas=True)
    if len(encodings) > 1:
        # Each layer can hide a thousand times the work and give nothing that could be counted.
        raise httpx2.DecodingError(f"it is compressed {len(encodings)} times over")
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > most_bytes:
            if is_beginning:
                break
            raise TooLongError(f"longer than {most_bytes:,} bytes")
    del body[most_bytes:]
    return bytes(body)
