"""The dry run: what a load would fetch and replace."""

import math

from loaders.hub.listing import PAGE_SIZE
from loaders.hub.rate_limiter import CALLS_A_WINDOW, quota_time
from loaders.landing.landed_crawl import LandedCrawl
from loaders.load.guards import check_landed, check_plan
from loaders.load.plan import LoadPlan, loadable_crawls
from loaders.load.reference_sizes import REFERENCE_SIZES
from loaders.load.snapshot_dates import unfetchable_error


def print_forecast(plan: LoadPlan, warehouse: str) -> None:
    """Print what a load would fetch and replace. Nothing is fetched, nothing written.

    Args:
        warehouse: its name.

    Raises:
        LoaderError: a guard refuses the snapshot, or a part of it cannot be fetched any more.
    """
    check_plan(plan)
    crawls, missing = loadable_crawls(plan, is_read_only=True)
    if not plan.options.refetch:
        for landed in crawls.values():
            check_landed(plan, landed)
    print(f"Dry run, nothing is fetched or written. A load of {plan} into {warehouse} would")
    requests = 0
    for landed in crawls.values():
        what, pages = _still_to_fetch(plan, landed)
        print(f"  fetch {what}")
        requests += pages
    if requests and not plan.source.is_local:
        print(f"  take {quota_time(requests, plan.options.requests.quota_share, CALLS_A_WINDOW)}")
    for kind in crawls:
        replaced = plan.loaded(kind)
        print(
            f"  replace the {replaced.records:,} {kind} of that date"
            if replaced
            else f"  load the first {kind} of that date"
        )
    if missing:
        raise unfetchable_error(missing, plan.snapshot_date)


def _still_to_fetch(plan: LoadPlan, landed: LandedCrawl) -> tuple[str, int]:
    """Say what is to be fetched of a listing, and how many pages: 0 if nobody can know."""
    kind = landed.kind
    done = 0 if plan.options.refetch else len(landed.pages)
    if done and landed.is_listed_to_the_end:
        return f"no {kind}: all {done:,} pages are landed", 0
    what = f"{kind} from page {done + 1:,} on" if done else f"{kind}, every page"
    if newest := plan.newest(kind):
        pages = max(newest.pages - done, 1)
        basis = f"the snapshot of {newest.snapshot_date} has {newest.records:,} records"
    elif plan.source.is_local:
        return f"{what}: how many there are is not known before a first snapshot", 0
    else:
        size = REFERENCE_SIZES[kind]
        pages = max(math.ceil(size.records / PAGE_SIZE) - done, 1)
        basis = f"the first time; the Hub listed {size.records:,} in {size.on:%B %Y}"
    return f"{what}: some {pages:,} requests ({basis})", pages
