"""The calendar of a synthetic Hub: which of its repositories is made when."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate

DAY = 86_400
YEAR = 365.25 * DAY
SAMPLE_DATE = date(2026, 10, 15)
GROWTH_PER_YEAR = 1.4  # of the whole Hub, after the sample date


def end_of(day: date) -> int:
    """The end of a day (UTC), in seconds since 1970."""
    return start_of(day + timedelta(days=1))


def start_of(day: date) -> int:
    """The start of a day (UTC), in seconds since 1970."""
    return int(datetime.combine(day, time(), UTC).timestamp())


SAMPLE_END = end_of(SAMPLE_DATE)


def iso(instant: int) -> str:
    """An instant as the Hub writes it, such as 2022-03-02T23:29:04.000Z."""
    minutes, second = divmod(instant, 60)
    day, minute = divmod(minutes, 1440)
    return _day_text(day) + _MINUTE_TEXTS[minute] + _SECOND_TEXTS[second]


_MINUTE_TEXTS = [f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(1440)]
_SECOND_TEXTS = [f"{second:02}.000Z" for second in range(60)]


@cache
def _day_text(day: int) -> str:
    return str(date(1970, 1, 1) + timedelta(days=day))


class Calendar:
    """The times at which the repositories were made that are listed on the sample date.

    Args:
        size: how many those are.
        stock: how many, in thousands on the real Hub, are older than dates of creation.
        stock_instants: the instants that the Hub has put in place of their dates, ascending.
        months: how many, in thousands on the real Hub, were made in each month from
            2022-03-03 to the sample date.
        fewest: a month that would hold fewer of ``size`` is given the weight of so many, but
            not of more than 1%.
    """

    def __init__(
        self,
        size: int,
        *,
        stock: float,
        stock_instants: Sequence[int],
        months: Sequence[float],
        fewest: int = 0,
    ) -> None:
        least = min(fewest / max(size, 1), 0.01) * (stock + sum(months))
        reached = list(accumulate([stock, *(max(month, least) for month in months)]))
        self._shares = [thousands / reached[-1] for thousands in reached]
        self._stock_instants = stock_instants
        firsts = [date(2022 + (2 + n) // 12, (2 + n) % 12 + 1, 1) for n in range(len(months))]
        firsts[0] = date(2022, 3, 3)
        self._starts = [*map(start_of, firsts), SAMPLE_END]

    def instant(self, share: float) -> int:
        """The instant when a share of the sample date's Hub was there; above 1 it is later."""
        if share >= 1:
            return int(SAMPLE_END + YEAR * math.log(share) / math.log(GROWTH_PER_YEAR))
        month = bisect_right(self._shares, share)
        if month == 0:
            return self._stock_instants[int(share / self._shares[0] * len(self._stock_instants))]
        low, high = self._shares[month - 1], self._shares[month]
        start, end = self._starts[month - 1], self._starts[month]
        return int(start + (end - start) * (share - low) / (high - low))
