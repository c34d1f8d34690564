"""The Hub's rate limit."""

import math
import time
from typing import NamedTuple


class QuotaState(NamedTuple):
    """The state of a quota after a call."""

    is_exceeded: bool
    headers: dict[str, str]  # that tell the client of it


class Quota:
    """A number of calls in each window, the first of which begins now.

    Args:
        resource: what is limited, as the headers name it.
        calls: how many in a window.
        window_seconds: length of a window.
    """

    def __init__(self, resource: str, calls: int, window_seconds: float) -> None:
        self._resource = resource
        self._calls = calls
        self._window_seconds = window_seconds
        self._begin = time.monotonic()
        self._window = 0
        self._used = 0

    def take(self) -> QuotaState:
        """Count one call."""
        windows, into_window = divmod(time.monotonic() - self._begin, self._window_seconds)
        if windows != self._window:
            self._window, self._used = int(windows), 0
        self._used += 1
        left = max(self._calls - self._used, 0)
        reset = math.ceil(self._window_seconds - into_window)
        window = math.ceil(self._window_seconds)
        policy = f'"fixed window";"{self._resource}";q={self._calls};w={window}'
        return QuotaState(
            self._used > self._calls,
            {
                "RateLimit": f'"{self._resource}";r={left};t={reset}',
                "RateLimit-Policy": policy,
            },
        )
