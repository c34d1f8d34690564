"""Retries: which failures of a request may pass, and how long to wait between two tries."""

import logging
import time
from collections.abc import Iterator

import httpx2

from loaders.hub.answer_limits import TooLongError
from loaders.hub.rate_limiter import SILENT_WAIT

log = logging.getLogger(__name__)

RETRIED_STATUS = (408, 429, 500, 502, 503, 504)
# Broken compression is retried, too: its checksum is the only one that an answer carries.
RETRIED_ERRORS = (
    httpx2.TimeoutException,
    httpx2.NetworkError,
    httpx2.RemoteProtocolError,
    httpx2.DecodingError,
)


class NoAnswerError(Exception):
    """No answer. It tells of the Hub or the network, not of what was asked for."""


def tries(count: int, longest_wait: float) -> Iterator[int]:
    """Count tries from 1, with a longer wait before each: 1, 2, 4 s and so on.

    A 429 waits in the rate limiter as well, as long as its header says.

    Args:
        count: how many tries.
        longest_wait: seconds between two of them, at most.
    """
    wait = min(1.0, longest_wait)
    for attempt in range(1, count + 1):
        if attempt > 1:
            if wait >= SILENT_WAIT:
                log.info("Waiting %.0f s before try %d of %d", wait, attempt, count)
            time.sleep(wait)
            wait = min(2 * wait, longest_wait)
        yield attempt


def error_text(error: Exception) -> str:
    """Put an error in words: its kind and message, or the message alone of a TooLongError."""
    return str(error) if isinstance(error, TooLongError) else f"{type(error).__name__}: {error}"
