"""The progress of a long step: a bar on a terminal, a plain line now and then elsewhere."""

import logging
import sys
import time
from types import TracebackType
from typing import Self

from tqdm import tqdm

log = logging.getLogger(__name__)

_SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """Counts the records of one step and shows count, rate and, if it can be known, time left.

    Args:
        step: what is being done, such as ``crawling models``.
        expected: records to come, or None: a Hub does not say how many it lists, but the
            snapshot before does.
        done: records of an earlier run, which are there already.
    """

    def __init__(self, step: str, expected: int | None = None, done: int = 0) -> None:
        on_terminal = sys.stderr.isatty()
        self._step = step
        self._bar = tqdm(
            desc=step,
            total=expected,
            initial=done,
            unit=" records",
            unit_scale=True,
            disable=not on_terminal,
            file=sys.__stderr__,  # it moves the cursor, which nothing else here may
        )
        self._logs = not on_terminal
        self._expected = expected
        self._done = self._before = done
        self._started = self._last_line = time.monotonic()

    def advance(self, records: int) -> None:
        """Take note of some more records."""
        self._done += records
        self._bar.update(records)
        if self._logs and time.monotonic() - self._last_line >= _SECONDS_BETWEEN_LINES:
            self._last_line = time.monotonic()
            log.info(self._line())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.close()
        if self._logs and error is None:
            log.info(self._line())

    def _line(self) -> str:
        elapsed = max(time.monotonic() - self._started, 1e-6)
        rate = (self._done - self._before) / elapsed
        line = f"{self._step}: {self._done:,} records, {rate:,.0f} a second"
        if self._expected and rate and self._expected > self._done:
            left = (self._expected - self._done) / rate
            line += f", about {tqdm.format_interval(left)} left"
        return line
