"""From a Hub's listing into the landing zone."""

from collections.abc import Callable

from loaders.errors import LoaderError
from loaders.hub_client import HubListing
from loaders.landing_zone import LandedCrawl, SnapshotManifest

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
) -> SnapshotManifest:
    """Walk a listing to its end, from wherever an earlier crawl of the same snapshot stopped.

    Args:
        listing: the listing to walk.
        landed: where its pages go; what is there already is not fetched again.
        source: the name of the Hub, for the manifest.
        on_page: called with the number of records of each page that was fetched.
        max_pages: a listing longer than this is taken for endless.
        is_stopped: asked before each page, whether to leave the rest to another run.

    Raises:
        LoaderError: the Hub cannot be read, its listing does not end, the landing zone cannot
            be written, or the crawl was stopped. The pages fetched so far stay, and the next
            crawl goes on.
    """
    walked = {page.path for page in landed.pages}
    while not landed.is_listed_to_the_end:
        path = landed.next_path or listing.first_path
        if path in walked:
            raise LoaderError(
                f"{listing} goes in circles: page {len(landed.pages)} names one before it as the "
                "next. Nothing was loaded. Run the same command again with --refetch; if it "
                "happens again, the Hub's listing is broken."
            )
        if len(landed.pages) >= max_pages:
            raise LoaderError(
                f"{listing} does not end: {max_pages} pages were read. Nothing was loaded. If the "
                "Hub has really grown so large, allow more with --max-pages."
            )
        if is_stopped():
            raise LoaderError(f"The crawl of {landed.kind} was stopped; the next one goes on.")
        requests, rate_limited = listing.tally.requests, listing.tally.rate_limited
        page = listing.page(path)
        landed.add_page(
            page.body,
            path=path,
            next_path=page.next_path,
            records=page.records,
            requests=listing.tally.requests - requests,
            rate_limited=listing.tally.rate_limited - rate_limited,
        )
        walked.add(path)
        on_page(page.records)
    return landed.snapshot or landed.complete(source)
