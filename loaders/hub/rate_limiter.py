"""The rate at which the Hub may be asked: its quota, as its answers give it, and its waits."""

import logging
import math
import threading
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
from huggingface_hub.utils import parse_ratelimit_headers

log = logging.getLogger(__name__)

# API calls in five minutes, anonymously and with a free token
# (https://huggingface.co/docs/hub/rate-limits, in 2026).
CALLS_A_WINDOW = (500, 1_000)

# Two of the Hub's windows. A server that asks for a longer wait has a wrong clock: to ask once too
# often costs a 429, to believe it costs a day.
LONGEST_QUOTA_WAIT = 600.0
# A longer wait is announced: a run that says nothing looks as if it hung.
SILENT_WAIT = 20.0

_LARGEST = 10**9  # of the numbers in a header; beyond this they cannot be meant


def quota_time(requests: int, share: float, calls_a_window: tuple[int, int]) -> str:
    """Say in words how long the quota makes so many requests.

    Args:
        share: the part of the quota to use.
        calls_a_window: as ``CALLS_A_WINDOW``.
    """
    anonymous, with_token = (math.ceil(5 * requests / (share * calls)) for calls in calls_a_window)
    return (
        f"some {with_token:,} min at {share:.0%} of the quota of a free token, "
        f"{anonymous:,} min without a token"
    )


def retry_after(headers: httpx2.Headers) -> float | None:
    """Read the seconds to wait from ``Retry-After``; None if it says nothing.

    It gives seconds or a date, which is held against the server's own clock where the answer gives
    that, too.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    if (until := _date(text)) is None:
        return None
    now = _date(headers.get("Date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


class RateLimiter:
    """Spreads requests so that no more than ``share`` of the Hub's quota is used.

    The Hub counts calls in fixed windows and says in each answer how many are left and when
    the window ends. Requests are spaced evenly over the rest of the window; without such
    headers (a local Hub) there is nothing to limit. One limiter serves all crawls of a run,
    because the quota is the account's, not the crawl's.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._interval = 0.0
        self._next_slot = 0.0
        self._announced = 0.0
        self._paused_until = 0.0
        self._why = ""
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Sleep until the next request may go out, and say so before a long sleep."""
        with self._lock:
            now = time.monotonic()
            slot = max(self._next_slot, now)
            self._next_slot = slot + self._interval
            is_pause = slot <= self._paused_until
            why = self._why if is_pause else "to keep within the Hub's quota"
            is_announced = slot - now < SILENT_WAIT or slot <= self._announced
            if not is_announced:
                self._announced = slot
        if not is_announced:
            log.info("Waiting %.0f s %s", slot - now, why)
        time.sleep(max(0.0, slot - time.monotonic()))

    def observe(self, headers: httpx2.Headers) -> None:
        """Take in what an answer says of the quota, or of when to come back."""
        self._observe_quota(headers)
        if seconds := retry_after(headers):
            self._pause(seconds, "as the Hub asks (Retry-After)")

    def _observe_quota(self, headers: httpx2.Headers) -> None:
        try:
            quota = parse_ratelimit_headers(headers)
        except ValueError:  # a number with more digits than Python reads
            return
        if quota is None:
            return
        limit, remaining, seconds = (
            min(number or 0, _LARGEST)
            for number in (quota.limit, quota.remaining, quota.reset_in_seconds)
        )
        spare = remaining - limit * (1 - self._share)
        if spare >= 1:
            with self._lock:
                self._interval = min(seconds, LONGEST_QUOTA_WAIT) / spare
        else:  # this window is used up: go on in the next one
            self._pause(seconds, "for the next window of the Hub's quota")

    def _pause(self, seconds: float, why: str) -> None:
        # Counted by the monotonic clock, which nobody sets. One more second: they are rounded.
        until = time.monotonic() + min(seconds, LONGEST_QUOTA_WAIT) + 1
        with self._lock:
            self._next_slot = max(self._next_slot, until)
            if until > self._paused_until:
                self._paused_until, self._why = until, why


def _date(text: str) -> datetime | None:
    try:
        read = parsedate_to_datetime(text)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
