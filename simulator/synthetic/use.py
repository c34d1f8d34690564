"""The downloads of synthetic repositories: their true counters at any instant.

A repository is downloaded at its own pace, around which it sways: in periods of 30 days, counted
back from the end of the sample date, it runs ahead of its pace or falls behind. On the sample date
it is where its pace would have brought it, and its last 30 days are what the Hub lists then. The
counter never falls. After the sample date the pace is even.

All functions take numbers, or arrays with a place for each repository.
"""

from typing import Any

from simulator.synthetic.calendar import DAY, SAMPLE_DATE, SAMPLE_END

MONTH = 30 * DAY
_SWAY = 0.45  # months of its pace that a repository is ahead or behind at most


def wobble_of(position: Any, day: int) -> Any:
    """A chance from 0 to 255 for a repository and the ordinal of a day."""
    return (position * 2_654_435_761 + day * 40_503) >> 7 & 255


def recent_downloads(pace: Any, wobble: Any) -> Any:
    """The downloads of the 30 days before the sample date or a later day."""
    return pace * (0.7 + wobble / 425)


def all_time_downloads(pace: Any, serial: Any, position: Any, created: Any, instant: int) -> Any:
    """The true counter of all downloads since creation, with its fraction.

    Args:
        pace: downloads in 30 days.
        serial: the repository's chance of 32 bits.
        position: its place in the listing.
        created: in seconds since 1970.
        instant: the same.
    """
    age = instant - created
    if instant >= SAMPLE_END:
        return pace * age / MONTH
    period = (SAMPLE_END - instant) // MONTH
    end = SAMPLE_END - period * MONTH
    begin = _larger(end - MONTH, created)
    after = _sway(period, serial, position, end - created)
    before = _sway(period + 1, serial, position, end - MONTH - created)
    part = (instant - begin) / _larger(end - begin, 1)
    ahead = MONTH * (before + part * (after - before))
    return pace * (age + ahead) * (age > 0) / MONTH


def downloads_of_30_days(pace: Any, serial: Any, position: Any, created: Any, instant: int) -> Any:
    """The downloads of the 30 days before an instant up to the sample date, with their fraction."""
    now, then = (
        all_time_downloads(pace, serial, position, created, at) for at in (instant, instant - MONTH)
    )
    return now - then


def _sway(period: int, serial: Any, position: Any, age: Any) -> Any:
    """The months of its pace that a repository is ahead at the end of a period, at an age then."""
    if period == 0:
        return 0.0
    if period == 1:
        ahead = 1 - recent_downloads(1.0, wobble_of(position, SAMPLE_DATE.toordinal()))
    else:
        chance = (serial * 0x9E3779B1 + period * 0x85EBCA6B) & 0xFFFFFFFF
        chance = ((chance ^ chance >> 15) * 0x2C1B3C6D) & 0xFFFFFFFF
        ahead = ((chance >> 8) / (1 << 24) - 0.5) * 2 * _SWAY
    # Never so far that the counter would fall, or begin above 0.
    room = _larger(age, 0) / MONTH
    return -_larger(-_larger(ahead, -room), -room)


def _larger(one: Any, other: Any) -> Any:
    """The larger one; numpy's own takes ten times as long where it is asked for two numbers."""
    return one * (one > other) + other * (one <= other)
