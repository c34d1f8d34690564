"""The command ``load``: a Hub's listings into the landing zone, and from there into ``hub_raw``."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from loaders.landing.landed_crawl import LandedCrawl
from loaders.landing.lock import run_lock
from loaders.limits import MAX_TAG_LENGTH, MAX_TAGS
from loaders.load.forecast import print_forecast
from loaders.load.guards import check_landed, check_plan
from loaders.load.parallel_crawls import completed_crawls
from loaders.load.plan import LoadPlan, loadable_crawls
from loaders.load.reference_sizes import reference_of
from loaders.load.retention import remove_old_pages
from loaders.load.snapshot_dates import choose_snapshot_date, unfetchable_error
from loaders.progress import Progress
from loaders.settings import LoadOptions
from loaders.sources import Source, find_source
from loaders.summary import ListingSummary, RunSummary
from loaders.warehouse.decoding import SnapshotDecoder
from loaders.warehouse.destinations import destination
from loaders.warehouse.raw_schema import RAW_DATASET
from loaders.warehouse.raw_tables import LoadedSnapshot, RawTables
from loaders.warehouse.schemas import schema
from loaders.warehouse.snapshots import Origin


def load(options: LoadOptions, summary: RunSummary) -> None:
    """Crawl and load one snapshot, or with ``--dry-run`` say what that would take.

    Raises:
        LoaderError: a guard refuses the snapshot, or Hub, landing zone or warehouse cannot be
            used. What was landed stays.
    """
    source = find_source(options.source)
    summary.hub = source.name
    summary.snapshot_date = choose_snapshot_date(source, options.snapshot_date)
    if options.dry_run:
        warehouse = RawTables(destination(options.run.target, is_read_only=True))
        print_forecast(_plan(options, source, warehouse), warehouse.name)
        return
    run = options.run
    with run_lock(
        run.landing_zone, source.name, summary.command, wait_minutes=run.lock_wait_minutes
    ) as check_lock:
        warehouse = RawTables(destination(run.target), check_lock)
        plan = _plan(options, source, warehouse)
        summary.snapshot_date = plan.snapshot_date  # midnight may have passed
        _load_snapshot(plan, warehouse, summary, check_lock)
        if options.keep_pages is not None:
            plan = replace(plan, kept=warehouse.kept_snapshots())
            remove_old_pages(plan, options.keep_pages, check_lock)


def _plan(options: LoadOptions, source: Source, warehouse: RawTables) -> LoadPlan:
    """Plan a load by what the warehouse holds. Raises LoaderError: that is another Hub."""
    kept = warehouse.kept_snapshots()
    source.check_warehouse(kept, warehouse.name)
    return LoadPlan(options, source, choose_snapshot_date(source, options.snapshot_date), kept)


def _load_snapshot(
    plan: LoadPlan, warehouse: RawTables, summary: RunSummary, check_lock: Callable[[], None]
) -> None:
    overruled = check_plan(plan)
    crawls, missing = loadable_crawls(plan)
    if plan.options.refetch:
        for kind, landed in crawls.items():
            check_lock()
            landed.remove()
            crawls[kind] = plan.landed(kind)
    summary.listings = {kind: ListingSummary() for kind in crawls}
    print(f"Loading {' and '.join(crawls)} of {plan} into {warehouse.name}")
    try:
        # Closed before the lock is released: the other crawl writes until then.
        with closing(completed_crawls(plan, crawls, summary, check_lock)) as completed:
            for landed in completed:
                started = time.monotonic()
                loaded = _load_listing(plan, landed, warehouse, overruled)
                print(_description(loaded))
                summary.listings[landed.kind].count_load(loaded, time.monotonic() - started)
    finally:
        for kind, landed in crawls.items():
            summary.listings[kind].count_pages(landed.pages)
    if missing:
        raise unfetchable_error(missing, plan.snapshot_date)


def _load_listing(
    plan: LoadPlan, landed: LandedCrawl, warehouse: RawTables, overruled: list[str]
) -> LoadedSnapshot:
    overruled = [*overruled, *check_landed(plan, landed)]
    source = plan.source
    records = sum(page.records for page in landed.pages)
    with Progress(f"loading {landed.kind}", records) as progress:
        return warehouse.load(
            landed,
            SnapshotDecoder(landed.kind, landed.snapshot_date),
            Origin(
                source.name,
                source.is_synthetic,
                source.is_complete,
                source.obtained_from,
                source.licence,
            ),
            overruled=overruled,
            reference=reference_of(plan, landed.kind),
            force=plan.options.force,
            on_page=progress.advance,
        )


def _description(loaded: LoadedSnapshot) -> str:
    """Describe in some lines what came in, and what was left out."""
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
