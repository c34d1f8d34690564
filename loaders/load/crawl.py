"""From a Hub's listing into the landing zone."""

import logging
from collections.abc import Callable
from datetime import datetime

from loaders import clock
from loaders.errors import LoaderError
from loaders.hub.listing import HubListing
from loaders.hub.next_link import CursorState
from loaders.hub.page_checks import find_anomaly, out_of_order
from loaders.landing.landed_crawl import LandedCrawl
from loaders.landing.manifests import SnapshotManifest

log = logging.getLogger(__name__)

# Three times what the Hub lists today (3,118 pages in October 2026). A listing that goes on
# beyond this does not end, and would fill the disk.
MAX_PAGES = 10_000


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
        requests, rate_limited = listing.requests.total, listing.requests.rate_limited
        page = listing.page(
            path, lambda page: find_anomaly(page, landed.pages, walked, listing.page_size)
        )
        check_lock()
        _check_time(landed, until)  # a machine can sleep while it waits for a page
        landed.add_page(
            page.body,
            path=path,
            next_path=page.next_path,
            records=page.records,
            last_id=page.last_id,
            middle_id=page.middle_id,
            requests=listing.requests.total - requests,
            rate_limited=listing.requests.rate_limited - rate_limited,
            cursor=page.cursor,
            out_of_order=out_of_order(page, landed.pages),
        )
        _warn_of_cursor(listing, landed)
        on_page(page.records)
    if landed.snapshot is not None:
        return landed.snapshot
    check_lock()
    return landed.complete(source)


def _check_time(landed: LandedCrawl, until: datetime | None) -> None:
    if until is not None and clock.now() >= until:
        raise LoaderError(
            f"The crawl of {landed.kind} for {landed.snapshot_date} did not end by "
            f"{until:%Y-%m-%d %H:%M} UTC: what the Hub lists now is too far from what it listed "
            f"then. Nothing of it was loaded. {len(landed.pages)} pages stay in {landed.folder}; "
            "crawl another day, and remove the folder if it is of no use."
        )


def _warn_of_cursor(listing: HubListing, landed: LandedCrawl) -> None:
    """Warn of a cursor of the last page that cannot be relied on, once a crawl."""
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
