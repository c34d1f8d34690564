"""From a Hub's listing into the landing zone."""

import logging
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise

from loaders import clock
from loaders.errors import LoaderError
from loaders.hub.listing import HubListing, Oddity, Page
from loaders.hub.next_link import CursorState
from loaders.landing.landed_crawl import LandedCrawl
from loaders.landing.manifests import SnapshotManifest

log = logging.getLogger(__name__)

# Three times what the Hub lists today (3,118 pages in October 2026). A listing that goes on
# beyond this does not end, and would fill the disk.
MAX_PAGES = 10_000
# What of a listing may come out of its order: such records may hide others that never come.
MAX_SHARE_OUT_OF_ORDER = 0.01


def crawl(
    listing: HubListing,
    landed: LandedCrawl,
    source: str,
    on_page: Callable[[int], None] = lambda records: None,
    max_pages: int = MAX_PAGES,
    is_stopped: Callable[[], bool] = lambda: False,
    check_lock: Callable[[], None] = lambda: None,
    until: datetime | None = None,
) -> SnapshotManifest:
    """Walk a listing to its end, from wherever an earlier crawl of the same snapshot stopped.

    Only a page that can follow those before it is kept, so that whatever went wrong with an
    answer, running again goes on from a landing zone without a fault.

    Args:
        listing: the listing to walk.
        landed: where its pages go; what is there already is not fetched again.
        source: the name of the Hub, for the manifest.
        on_page: called with the number of records of each page that was fetched.
        max_pages: a longer listing is treated as endless.
        is_stopped: asked before each page, whether to leave the rest to another run.
        check_lock: called before a page is kept, and before the crawl is declared complete; raises
            where another run has taken over.
        until: when the Hub is too far from what it was on the snapshot date; None for never.

    Raises:
        LoaderError: the Hub cannot be read, its listing goes in circles, out of order or does not
            end, the landing zone cannot be written, or the crawl was stopped, taken over or too
            late. The pages fetched so far stay, and the next crawl goes on.
    """
    walked = {page.path for page in landed.pages}
    while not landed.is_listed_to_the_end:
        path = landed.next_path or listing.first_path
        walked.add(path)
        if len(landed.pages) >= max_pages:
            raise LoaderError(
                f"{listing} does not end: {max_pages} pages were read. Nothing was loaded. If the "
                "Hub has really grown so large, allow more with --max-pages."
            )
        if is_stopped():
            raise LoaderError(f"The crawl of {landed.kind} was stopped; the next one goes on.")
        _check_time(landed, until)
        requests, rate_limited = listing.tally.requests, listing.tally.rate_limited
        page = listing.page(path, lambda page: _oddity(page, landed, walked, listing.page_size))
        check_lock()
        _check_time(landed, until)  # a machine can sleep while it waits for a page
        landed.add_page(
            page.body,
            path=path,
            next_path=page.next_path,
            records=page.records,
            last_id=page.last_id,
            middle_id=page.middle_id,
            requests=listing.tally.requests - requests,
            rate_limited=listing.tally.rate_limited - rate_limited,
            cursor=page.cursor,
            out_of_order=_out_of_order(page, landed),
        )
        _warn_of_cursor(listing, landed)
        on_page(page.records)
    if landed.snapshot is None:
        check_lock()
        landed.complete(source)
    return landed.snapshot


def _out_of_order(page: Page, landed: LandedCrawl) -> int:
    """How many records of a page do not come after the one before, or not after the page before."""
    count = sum(following <= hub_id for hub_id, following in pairwise(page.ids))
    before = landed.pages[-1].last_id if landed.pages else ""
    if before < page.last_id:  # else it is spoilt, and tells nothing
        count += sum(hub_id <= before for hub_id in page.ids)
    return count


def _check_time(landed: LandedCrawl, until: datetime | None) -> None:
    if until is not None and clock.now() >= until:
        raise LoaderError(
            f"The crawl of {landed.kind} for {landed.snapshot_date} did not end by "
            f"{until:%Y-%m-%d %H:%M} UTC: what the Hub lists now is too far from what it listed "
            f"then. Nothing of it was loaded. {len(landed.pages)} pages stay in {landed.folder}; "
            "crawl another day, and remove the folder if it is of no use."
        )


def _warn_of_cursor(listing: HubListing, landed: LandedCrawl) -> None:
    """Say what is odd about the cursor of the last page, once a crawl."""
    state = landed.pages[-1].cursor
    if sum(page.cursor == state for page in landed.pages) != 1:
        return
    if state == CursorState.DIFFERS:
        log.warning(
            "%s: page %d names a next page that does not begin at its last record; the crawl goes "
            "on from the lower of both, so that none is skipped. Later ones are counted only",
            listing,
            len(landed.pages),
        )
    elif state == CursorState.OPAQUE:
        log.warning(
            "%s: the cursor of page %d has another form than the Hub's, so that nobody can check "
            "that no record is skipped. Later ones are counted only",
            listing,
            len(landed.pages),
        )


def _oddity(page: Page, landed: LandedCrawl, walked: set[str], page_size: int) -> Oddity | None:
    """What the page has that pages of a Hub do not have; None for nothing.

    The Hub fills each page but the last: 3,117,871 models came in 3,118 pages of 1,000.

    Raises:
        ValueError: it cannot be the next page, however often the Hub says so.
    """
    if page.next_path is not None and not page.last_id:
        raise ValueError("it has no record, and yet names a next page")
    if page.next_path in walked:
        raise ValueError("it goes in circles, to a page that was read before")
    before = landed.pages[-1] if landed.pages else None
    # By their middles: one record with a spoilt _id, the last one of all, must not refuse the rest.
    is_beyond = (
        not before or not page.middle_id or page.middle_id > (before.middle_id or before.last_id)
    )
    if not is_beyond and page.next_path is None and page.records < 3:
        return Oddity("its records do not come after those of the page before it")
    if not is_beyond:
        raise ValueError("it goes in circles: it does not go beyond the page before it")
    out_of_order = sum(kept.out_of_order for kept in landed.pages) + _out_of_order(page, landed)
    records = sum(kept.records for kept in landed.pages) + page.records
    if out_of_order > MAX_SHARE_OUT_OF_ORDER * records + 2 * page_size:
        raise ValueError(
            f"{out_of_order:,} of the {records:,} records so far come again or out of order, so "
            "that nobody can tell which never come"
        )
    # Should the Hub give fewer a page than it is asked for, only the first one shall be odd.
    full = max((kept.records for kept in landed.pages[:1] + landed.pages[-1:]), default=page_size)
    if page.cursor == CursorState.DIFFERS:
        return Oddity("naming a next page that does not begin at its last record", is_usual=True)
    if page.unreadable:
        return Oddity(f"{len(page.unreadable)} of its records cannot be read")
    if page.next_path is not None and page.records < full:
        return Oddity(f"it has {page.records} records, not {full}, and yet names a next page")
    if page.next_path is None and page.records >= full:
        return Oddity(
            "it is full and names no next page: the listing ends here, or was cut short",
            is_usual=True,
        )
    if page.next_path is None and not page.records:
        return Oddity("it has no records, and yet names no next page")
    return None
