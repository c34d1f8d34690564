"""Retention: the pages of old snapshots, removed from the landing zone with ``--keep-pages``."""

from collections.abc import Callable
from dataclasses import replace

from loaders.landing.catalog import landed_dates, landed_snapshot
from loaders.landing.removal import end_removal
from loaders.load.plan import LoadPlan


def remove_old_pages(plan: LoadPlan, keep_pages: int, check_lock: Callable[[], None]) -> None:
    """Remove the pages of all loaded snapshots but the newest ones of each kind.

    Pages that are not those of a snapshot in the warehouse stay, whatever their date: nothing
    else holds what they hold. They are not opened either, which takes a request for each page.

    Args:
        plan: with the snapshots that the warehouse holds after the load.
        keep_pages: how many snapshots of each kind keep theirs.
        check_lock: raises where another run has taken over.
    """
    root, source_key = plan.options.run.landing_zone, plan.source.landing_key
    for kind in plan.source.kinds:
        loaded_before = 0
        for snapshot_date in landed_dates(root, source_key, kind):
            check_lock()
            if end_removal(root, source_key, kind, snapshot_date):
                continue
            of_that_day = replace(plan, snapshot_date=snapshot_date)
            loaded = of_that_day.loaded(kind)
            if loaded is None:
                continue
            manifest = landed_snapshot(root, source_key, kind, snapshot_date)
            if manifest is None or not loaded.is_loaded_from(manifest):
                continue
            loaded_before += 1
            if loaded_before > keep_pages:
                landed = of_that_day.landed(kind)
                landed.remove()
                print(f"Removed the pages of {kind} of {snapshot_date}: {landed.folder}")
