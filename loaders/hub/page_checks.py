"""Checks of a page: that it can follow those before it, and has what pages of a Hub have."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

from loaders.hub.next_link import CursorState
from loaders.hub.page import Page

# The part of a listing that may come out of its order: such records may hide others that never
# come.
MAX_SHARE_OUT_OF_ORDER = 0.01


class PageAnomaly(NamedTuple):
    """The reason why a page is asked for twice.

    Attributes:
        what: in words, of the page.
        is_usual: a good listing may have it.
    """

    what: str
    is_usual: bool = False


class EarlierPage(Protocol):
    """The facts that must be known of a page that was read before."""

    @property
    def records(self) -> int:
        """Records on it."""

    @property
    def last_id(self) -> str:
        """The ``_id`` of its last record; empty without records."""

    @property
    def middle_id(self) -> str:
        """The id of the record in its middle; empty where an older version read it."""

    @property
    def out_of_order(self) -> int:
        """Its records out of order, as ``out_of_order`` counts them."""


def find_anomaly(
    page: Page, earlier: Sequence[EarlierPage], walked: set[str], page_size: int
) -> PageAnomaly | None:
    """Say what the page has that pages of a Hub do not have; None for nothing.

    The Hub fills each page but the last: 3,117,871 models came in 3,118 pages of 1,000.

    Args:
        earlier: the pages before it, from the first one on.
        walked: the paths of those, and its own.
        page_size: records that were asked for.

    Raises:
        ValueError: it cannot be the next page, however often the Hub says so.
    """
    if page.next_path is not None and not page.last_id:
        raise ValueError("it has no record, and yet names a next page")
    if page.next_path in walked:
        raise ValueError("it goes in circles, to a page that was read before")
    if not _is_beyond(page, earlier):
        if page.next_path is None and page.records < 3:
            return PageAnomaly("its records do not come after those of the page before it")
        raise ValueError("it goes in circles: it does not go beyond the page before it")
    _check_order(page, earlier, page_size)
    # Should the Hub give fewer a page than it is asked for, only the first one is an anomaly.
    full = max((kept.records for kept in (*earlier[:1], *earlier[-1:])), default=page_size)
    if page.cursor == CursorState.DIFFERS:
        return PageAnomaly(
            "naming a next page that does not begin at its last record", is_usual=True
        )
    if page.unreadable:
        return PageAnomaly(f"{len(page.unreadable)} of its records cannot be read")
    return _anomaly_of_length(page, full)


def out_of_order(page: Page, earlier: Sequence[EarlierPage]) -> int:
    """Count the records that do not come after the one before, or not after the page before."""
    count = sum(following <= hub_id for hub_id, following in pairwise(page.ids))
    before = earlier[-1].last_id if earlier else ""
    if before < page.last_id:  # else it is spoilt, and tells nothing
        count += sum(hub_id <= before for hub_id in page.ids)
    return count


def _is_beyond(page: Page, earlier: Sequence[EarlierPage]) -> bool:
    """Say whether a page lies beyond the one before it.

    By their middles: one record with a spoilt _id, the last one of all, must not refuse the rest.
    """
    if not earlier or not page.middle_id:
        return True
    return page.middle_id > (earlier[-1].middle_id or earlier[-1].last_id)


def _check_order(page: Page, earlier: Sequence[EarlierPage], page_size: int) -> None:
    """Raise ValueError: too many records came again or out of order so far."""
    misplaced = sum(kept.out_of_order for kept in earlier) + out_of_order(page, earlier)
    records = sum(kept.records for kept in earlier) + page.records
    if misplaced > MAX_SHARE_OUT_OF_ORDER * records + 2 * page_size:
        raise ValueError(
            f"{misplaced:,} of the {records:,} records so far come again or out of order, so "
            "that nobody can tell which never come"
        )


def _anomaly_of_length(page: Page, full: int) -> PageAnomaly | None:
    if page.next_path is not None:
        if page.records < full:
            return PageAnomaly(
                f"it has {page.records} records, not {full}, and yet names a next page"
            )
        return None
    if page.records >= full:
        return PageAnomaly(
            "it is full and names no next page: the listing ends here, or was cut short",
            is_usual=True,
        )
    return None if page.records else PageAnomaly("it has no records, and yet names no next page")
