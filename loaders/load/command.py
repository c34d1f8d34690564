"""The command ``load``: a Hub's listings into the landing zone, and from there into ``hub_raw``."""

import argparse
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from queue import SimpleQueue

import simulator
from loaders.errors import LoaderError
from loaders.hub.listing import PAGE_SIZE, HubListing
from loaders.hub.next_link import CursorState
from loaders.hub.rate_limiter import CALLS_A_WINDOW, quota_time
from loaders.hub.session import hub_session
from loaders.landing.catalog import landed_dates, landed_snapshot
from loaders.landing.landed_crawl import LandedCrawl
from loaders.landing.removal import end_removal
from loaders.limits import MAX_TAG_LENGTH, MAX_TAGS
from loaders.load.crawl import crawl
from loaders.load.crawl_dates import (
    GUARD,
    check_refetch,
    crawled_later,
    last_moment,
    today,
    unfetchable,
    unfetchable_error,
)
from loaders.load.folder_guards import check_completeness, check_date, check_replaced_crawl
from loaders.load.reference_sizes import REFERENCE_SIZES, ReferenceSize, reference_size
from loaders.progress import Progress
from loaders.settings import (
    chosen_lock,
    chosen_source,
    landing_zone,
    refuse_other_source,
)
from loaders.sources import Source
from loaders.summary import ListingSummary, RunSummary
from loaders.warehouse.destinations import destination
from loaders.warehouse.raw_schema import RAW_DATASET
from loaders.warehouse.raw_tables import LoadedSnapshot, RawTables
from loaders.warehouse.schemas import schema
from loaders.warehouse.snapshots import KeptSnapshot
from simulator.hub_json import NAME as HUB_JSON

# When one crawl fails, the other may still keep the page that it is waiting for. No longer, for
# who stops a run by SIGTERM kills it soon, Cloud Run after 10 s, and the lock must be released.
SECONDS_FOR_THE_PAGE_UNDER_WAY = 3.0


def load(options: argparse.Namespace, summary: RunSummary) -> None:
    """Crawl and load one snapshot, or with ``--dry-run`` say what that would take."""
    source = chosen_source(options)
    snapshot_date = _snapshot_date(options, source)
    summary.hub, summary.snapshot_date = source.name, snapshot_date
    if options.dry_run:
        _forecast(options, source, snapshot_date)
        return
    with chosen_lock(options, source.name, summary) as check_lock:
        warehouse = RawTables(destination(options.target), check_lock)
        kept = warehouse.kept_snapshots()
        refuse_other_source(kept, source, warehouse)
        if options.snapshot_date is None:  # midnight may have passed while the lock was waited for
            summary.snapshot_date = snapshot_date = _snapshot_date(options, source)
        overruled = _overruled_of_folder(options, source, snapshot_date, kept)
        _load(options, summary, source, snapshot_date, warehouse, kept, check_lock, overruled)
        if options.keep_pages is not None:
            _remove_old_pages(source, warehouse.kept_snapshots(), options.keep_pages, check_lock)


def _load(
    options: argparse.Namespace,
    summary: RunSummary,
    source: Source,
    snapshot_date: date,
    warehouse: RawTables,
    kept: list[KeptSnapshot],
    check_lock: Callable[[], None],
    overruled: list[str],
) -> None:
    if options.refetch and not source.is_local:
        check_refetch(snapshot_date)
    crawls, missing = _loadable(source, snapshot_date)
    if options.refetch:
        for kind, landed in crawls.items():
            check_lock()
            landed.remove()
            crawls[kind] = _landed(source, kind, snapshot_date)
    summary.listings = {kind: ListingSummary() for kind in crawls}
    print(
        f"Loading {' and '.join(crawls)} of {source.name} as of {snapshot_date} "
        f"into {warehouse.name}"
    )
    try:
        # Closed before the lock is released: the other crawl writes until then.
        with closing(_crawled(crawls, source, options, kept, summary, check_lock)) as crawled:
            for landed in crawled:
                started = time.monotonic()
                overruled_dates = _overruled(options, source, landed, kept)
                with Progress(f"loading {landed.kind}", landed.snapshot.records) as progress:
                    loaded = warehouse.load(
                        landed,
                        source=source.name,
                        is_synthetic=source.is_synthetic,
                        is_complete=source.is_complete,
                        obtained_from=source.obtained_from,
                        licence=source.licence,
                        overruled=[*overruled, *overruled_dates],
                        reference=_reference(source, landed, kept),
                        force=options.force,
                        on_page=progress.advance,
                    )
                print(_told(loaded))
                listing = summary.listings[landed.kind]
                listing.is_loaded = True
                listing.load_seconds = round(time.monotonic() - started, 3)
                listing.records = loaded.snapshot.records
                listing.rejects = {str(reason): count for reason, count in loaded.rejects.items()}
                listing.without_created_at = loaded.snapshot.without_created_at
                listing.tags_cut = loaded.snapshot.tags_cut
                listing.is_forced = loaded.snapshot.is_forced
                listing.overruled = loaded.snapshot.overruled
    finally:
        for kind, landed in crawls.items():
            listing = summary.listings[kind]
            listing.pages = len(landed.pages)
            listing.listed = sum(page.records for page in landed.pages)
            listing.requests = sum(page.requests for page in landed.pages)
            listing.rate_limited = sum(page.rate_limited for page in landed.pages)
            listing.bytes = sum(page.bytes for page in landed.pages)
            listing.out_of_order = sum(page.out_of_order for page in landed.pages)
            listing.cursors_that_differ, listing.cursors_unchecked = (
                sum(page.cursor == state for page in landed.pages)
                for state in (CursorState.DIFFERS, CursorState.OPAQUE)
            )
    if missing:
        raise unfetchable_error(missing, snapshot_date)


def _loadable(
    source: Source, snapshot_date: date, *, is_read_only: bool = False
) -> tuple[dict[str, LandedCrawl], dict[str, str]]:
    """The crawls of a day that are landed or can still be, and why the others cannot, by kind.

    Raises:
        LoaderError: there is none of the former.
    """
    is_past = not source.is_local and snapshot_date != today()
    crawls = {
        kind: _landed(source, kind, snapshot_date, is_read_only=is_read_only or is_past)
        for kind in source.kinds
    }
    if not is_past:
        return crawls, {}
    missing = unfetchable(crawls, snapshot_date)
    if len(missing) == len(crawls):
        raise unfetchable_error(missing, snapshot_date)
    for kind, landed in crawls.items():
        if kind not in missing and not landed.is_listed_to_the_end and not is_read_only:
            crawls[kind] = _landed(source, kind, snapshot_date)
    return {kind: landed for kind, landed in crawls.items() if kind not in missing}, missing


def _overruled(
    options: argparse.Namespace, source: Source, landed: LandedCrawl, kept: list[KeptSnapshot]
) -> list[str]:
    """The guards against a forged history that the options overrule.

    Raises:
        LoaderError: one objects, and the options do not overrule it.
    """
    if landed.snapshot is None:
        return []
    if source.folder is not None:
        return check_replaced_crawl(kept, source.folder, landed.snapshot, force=options.force)
    if source.is_local:
        return []
    objection = crawled_later(landed.snapshot, kept)
    if objection and not options.allow_later_crawl:
        raise LoaderError(objection)
    return [GUARD] if objection else []


def _reference(
    source: Source, landed: LandedCrawl, kept: list[KeptSnapshot]
) -> ReferenceSize | None:
    """What a crawl is held against beside the snapshot before it; None for nothing.

    That is the snapshot of the same day, which it would replace; for a first one, what others
    counted.
    """
    if source.is_synthetic or not source.is_complete:  # for a part, check_completeness looks
        return None
    # Beside a part, any listing looks large.
    of_kind = [s for s in kept if s.kind == landed.kind and s.is_complete is not False]
    for snapshot in of_kind:
        if snapshot.snapshot_date == landed.snapshot_date:
            return ReferenceSize(snapshot.records, snapshot.snapshot_date, "loaded before")
    if source.is_local or any(s.snapshot_date < landed.snapshot_date for s in of_kind):
        return None
    return reference_size(source.name, landed.kind, landed.snapshot_date)


def _landed(
    source: Source, kind: str, snapshot_date: date, *, is_read_only: bool = False
) -> LandedCrawl:
    return LandedCrawl(
        landing_zone(), source.landing_key, kind, snapshot_date, is_read_only=is_read_only
    )


def _crawled(
    crawls: dict[str, LandedCrawl],
    source: Source,
    options: argparse.Namespace,
    kept: list[KeptSnapshot],
    summary: RunSummary,
    check_lock: Callable[[], None],
) -> Iterator[LandedCrawl]:
    """Each crawl as soon as it is complete. Those that are not yet run side by side."""
    open_crawls = {kind: landed for kind, landed in crawls.items() if landed.snapshot is None}
    yield from (landed for landed in crawls.values() if landed.snapshot is not None)
    if not open_crawls:
        return
    ended: SimpleQueue[LandedCrawl | BaseException] = SimpleQueue()
    stopping = threading.Event()

    def run(landed: LandedCrawl, listing: HubListing) -> None:
        told, before = summary.listings[landed.kind], len(landed.pages)
        expected = _newest(kept, landed.kind, source)
        done = sum(page.records for page in landed.pages)
        started = time.monotonic()
        result: LandedCrawl | BaseException = landed
        try:
            with Progress(
                f"crawling {landed.kind}", expected.records if expected else None, done
            ) as progress:
                crawl(
                    listing,
                    landed,
                    source.name,
                    on_page=progress.advance,
                    max_pages=options.max_pages,
                    is_stopped=stopping.is_set,
                    check_lock=check_lock,
                    until=None if source.is_local else last_moment(landed.snapshot_date),
                )
        except BaseException as error:
            result = error
        told.crawl_seconds = round(time.monotonic() - started, 3)
        told.pages_fetched = len(landed.pages) - before
        ended.put(result)

    with (
        hub_session(quota_share=options.quota_share, timeout=options.timeout),
        source.endpoint(snapshot_date=summary.snapshot_date) as endpoint,
    ):
        token = os.environ.get("HF_TOKEN")
        listings = {
            kind: HubListing(
                endpoint,
                kind,
                token=token,
                token_over_http=options.token_over_http,
                retries=options.retries,
            )
            for kind in open_crawls
        }
        # Daemons, for a page can take minutes and Ctrl-C must not. Nothing is lost with them: every
        # page is kept as soon as it has come.
        threads = [
            threading.Thread(target=run, args=(open_crawls[kind], listing), daemon=True)
            for kind, listing in listings.items()
        ]
        for thread in threads:
            thread.start()
        try:
            for _ in open_crawls:
                result = ended.get()
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            stopping.set()
            deadline = time.monotonic() + SECONDS_FOR_THE_PAGE_UNDER_WAY
            for thread in threads:
                thread.join(max(0.0, deadline - time.monotonic()))
            summary.count(*(listing.requests for listing in listings.values()))


def _forecast(options: argparse.Namespace, source: Source, snapshot_date: date) -> None:
    """Say what a load would fetch and replace. Nothing is fetched, nothing written."""
    warehouse = RawTables(destination(options.target, is_read_only=True))
    kept = warehouse.kept_snapshots()
    refuse_other_source(kept, source, warehouse)
    _overruled_of_folder(options, source, snapshot_date, kept)
    if options.refetch and not source.is_local:
        check_refetch(snapshot_date)
    crawls, missing = _loadable(source, snapshot_date, is_read_only=True)
    if not options.refetch:
        for landed in crawls.values():
            _overruled(options, source, landed, kept)
    print(
        "Dry run, nothing is fetched or written. "
        f"A load of {source.name} as of {snapshot_date} into {warehouse.name} would"
    )
    requests = 0
    for kind, landed in crawls.items():
        told, pages = _still_to_fetch(options, source, landed, _newest(kept, kind, source))
        print(f"  fetch {told}")
        requests += pages
    if requests and not source.is_local:
        print(f"  take {quota_time(requests, options.quota_share, CALLS_A_WINDOW)}")
    for kind in crawls:
        replaced = next(
            (s for s in kept if (s.kind, s.snapshot_date) == (kind, snapshot_date)), None
        )
        print(
            f"  replace the {replaced.records:,} {kind} of that date"
            if replaced
            else f"  load the first {kind} of that date"
        )
    if missing:
        raise unfetchable_error(missing, snapshot_date)


def _still_to_fetch(
    options: argparse.Namespace,
    source: Source,
    landed: LandedCrawl,
    newest: KeptSnapshot | None,
) -> tuple[str, int]:
    """What there is to fetch of a listing, in words, and the pages, 0 if nobody can know."""
    kind = landed.kind
    done = 0 if options.refetch else len(landed.pages)
    if done and landed.is_listed_to_the_end:
        return f"no {kind}: all {done:,} pages are landed", 0
    told = f"{kind} from page {done + 1:,} on" if done else f"{kind}, every page"
    if newest is not None:
        pages = max(newest.pages - done, 1)
        basis = f"the snapshot of {newest.snapshot_date} has {newest.records:,} records"
    elif source.is_local:
        return f"{told}: how many there are is not known before a first snapshot", 0
    else:
        size = REFERENCE_SIZES[kind]
        pages = max(math.ceil(size.records / PAGE_SIZE) - done, 1)
        basis = f"the first time; the Hub listed {size.records:,} in {size.on:%B %Y}"
    return f"{told}: some {pages:,} requests ({basis})", pages


def _remove_old_pages(
    source: Source,
    kept: list[KeptSnapshot],
    keep_pages: int,
    check_lock: Callable[[], None],
) -> None:
    """Remove the pages of all loaded snapshots but the newest ones of each kind.

    Pages that are not those of a snapshot in the warehouse stay, whatever their date: nothing
    else holds what they hold. They are not opened either, which takes a request for each page.
    """
    root = landing_zone()
    for kind in source.kinds:
        loaded_before = 0
        for snapshot_date in landed_dates(root, source.landing_key, kind):
            check_lock()
            if end_removal(root, source.landing_key, kind, snapshot_date):
                continue
            loaded = next(
                (s for s in kept if (s.kind, s.snapshot_date) == (kind, snapshot_date)), None
            )
            manifest = loaded and landed_snapshot(root, source.landing_key, kind, snapshot_date)
            if not manifest or not loaded.is_loaded_from(manifest):
                continue
            loaded_before += 1
            if loaded_before > keep_pages:
                landed = _landed(source, kind, snapshot_date)
                landed.remove()
                print(f"Removed the pages of {kind} of {snapshot_date}: {landed.folder}")


def _snapshot_date(options: argparse.Namespace, source: Source) -> date:
    if source.is_synthetic:
        return options.snapshot_date or simulator.SAMPLE_DATE
    chosen = options.snapshot_date
    if source.folder is not None:
        facts = source.folder.facts
        chosen = chosen or (facts and facts.snapshot_date)
        if chosen is None:
            raise LoaderError(
                f"The date of the records in {source.folder.path} is not given. Give the day "
                "that they were listed on with --snapshot-date, or as snapshot_date in the "
                f"folder's {HUB_JSON}."
            )
    chosen = chosen or today()
    if chosen > today():
        raise LoaderError(
            f"The snapshot date {chosen} lies ahead: today is {today()} (UTC), and a listing "
            "stands for the day that it was taken on."
        )
    return chosen


def _overruled_of_folder(
    options: argparse.Namespace, source: Source, snapshot_date: date, kept: list[KeptSnapshot]
) -> list[str]:
    """The guards of a folder that --force overrules; none for other sources.

    Raises:
        LoaderError: the folder cannot be of that day, or is a part that comes after a whole.
    """
    folder = source.folder
    if folder is None:
        return []
    overruled = check_date(folder, snapshot_date, force=options.force)
    if not source.is_complete:
        overruled += check_completeness(kept, folder, snapshot_date, force=options.force)
    return overruled


def _newest(kept: list[KeptSnapshot], kind: str, source: Source) -> KeptSnapshot | None:
    """The newest snapshot that tells how long the listing is: beside a part, a whole is no guide.

    Nor is a part beside a whole.
    """
    return next(
        (s for s in kept if s.kind == kind and (s.is_complete is not False) == source.is_complete),
        None,
    )


def _told(loaded: LoadedSnapshot) -> str:
    snapshot = loaded.snapshot
    raw = schema(RAW_DATASET)
    lines = [f"{snapshot.kind}: {snapshot.records:,} rows in {raw}.{snapshot.kind}"]
    if snapshot.without_created_at:
        lines.append(f"  {snapshot.without_created_at:,} of them carry no creation date: kept")
    if snapshot.tags_cut:
        lines.append(
            f"  {snapshot.tags_cut:,} tags beyond the limits ({MAX_TAGS:,} a record, "
            f"{MAX_TAG_LENGTH} characters each) were cut off"
        )
    if loaded.rejects:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in loaded.rejects.items())
        lines.append(f"  left out: {reasons}; each is in {raw}.rejects with its text")
    return "\n".join(lines)
