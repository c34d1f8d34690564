"""The crawls of one snapshot, side by side."""

import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from queue import SimpleQueue

from loaders.hub.listing import HubListing
from loaders.hub.session import hub_session
from loaders.landing.landed_crawl import LandedCrawl
from loaders.load.crawl import crawl
from loaders.load.plan import LoadPlan
from loaders.load.snapshot_dates import last_moment
from loaders.progress import Progress
from loaders.summary import ListingSummary, RunSummary

# When one crawl fails, the other may still keep the page that it is waiting for. No longer, for
# who stops a run by SIGTERM kills it soon, Cloud Run after 10 s, and the lock must be released.
SECONDS_FOR_THE_PAGE_UNDER_WAY = 3.0


def completed_crawls(
    plan: LoadPlan,
    crawls: dict[str, LandedCrawl],
    summary: RunSummary,
    check_lock: Callable[[], None],
) -> Generator[LandedCrawl, None, None]:
    """Give each crawl as soon as it is complete. Those that are not yet run side by side.

    Args:
        crawls: by kind.
        summary: takes the costs and times of each.
        check_lock: raises where another run has taken over.

    Raises:
        LoaderError: a crawl cannot be ended; its pages stay, and the next run goes on.
    """
    unfinished = {kind: landed for kind, landed in crawls.items() if landed.snapshot is None}
    yield from (landed for landed in crawls.values() if landed.snapshot is not None)
    if not unfinished:
        return
    requests = plan.options.requests
    with (
        hub_session(quota_share=requests.quota_share, timeout=requests.timeout),
        plan.source.endpoint(plan.snapshot_date) as endpoint,
    ):
        listings = {
            kind: HubListing(
                endpoint,
                kind,
                token=requests.token,
                token_over_http=requests.token_over_http,
                retries=requests.retries,
            )
            for kind in unfinished
        }
        runs = [
            _Run(plan, unfinished[kind], listing, summary.listings[kind], check_lock)
            for kind, listing in listings.items()
        ]
        try:
            yield from _side_by_side(runs)
        finally:
            summary.count(*(listing.requests for listing in listings.values()))


@dataclass(frozen=True)
class _Run:
    """One crawl, to be run in a thread."""

    plan: LoadPlan
    landed: LandedCrawl
    listing: HubListing
    summary: ListingSummary
    check_lock: Callable[[], None]

    def crawl(self, is_stopped: Callable[[], bool]) -> None:
        """Crawl to the end, with progress shown. Raises LoaderError, as ``crawl`` has it."""
        landed, started, pages_before = self.landed, time.monotonic(), len(self.landed.pages)
        newest = self.plan.newest(landed.kind)
        records_before = sum(page.records for page in landed.pages)
        step = f"crawling {landed.kind}"
        try:
            with Progress(step, newest.records if newest else None, records_before) as progress:
                crawl(
                    self.listing,
                    landed,
                    self.plan.source.name,
                    on_page=progress.advance,
                    max_pages=self.plan.options.max_pages,
                    is_stopped=is_stopped,
                    check_lock=self.check_lock,
                    until=None if self.plan.source.is_local else last_moment(landed.snapshot_date),
                )
        finally:
            self.summary.crawl_seconds = round(time.monotonic() - started, 3)
            self.summary.pages_fetched = len(landed.pages) - pages_before


def _side_by_side(runs: list[_Run]) -> Generator[LandedCrawl, None, None]:
    """Give each crawl as it ends. When one fails, or the caller does, the others are stopped."""
    ended: SimpleQueue[LandedCrawl | BaseException] = SimpleQueue()
    stopping = threading.Event()

    def work(run: _Run) -> None:
        try:
            run.crawl(stopping.is_set)
        except BaseException as error:
            ended.put(error)
        else:
            ended.put(run.landed)

    # Daemons, for a page can take minutes and Ctrl-C must not. Nothing is lost with them: every
    # page is kept as soon as it has come.
    threads = [threading.Thread(target=work, args=(run,), daemon=True) for run in runs]
    for thread in threads:
        thread.start()
    try:
        for _ in runs:
            result = ended.get()
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        stopping.set()
        deadline = time.monotonic() + SECONDS_FOR_THE_PAGE_UNDER_WAY
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
