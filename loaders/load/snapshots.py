"""The command ``snapshots``: list those in the warehouse, or drop one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, date

import msgspec

from loaders.errors import LoaderError
from loaders.hub.fields import LISTINGS
from loaders.landing.catalog import landed_snapshots
from loaders.landing.lock import run_lock
from loaders.landing.manifests import SnapshotManifest
from loaders.settings import SnapshotsOptions
from loaders.summary import RunSummary
from loaders.terminal import visible
from loaders.warehouse.destinations import destination
from loaders.warehouse.raw_tables import RawTables
from loaders.warehouse.snapshots import KeptSnapshot

_COLUMNS = (
    *("date", "kind", "source", "synthetic", "records", "rejects", "requests", "MB"),
    *("loaded at, UTC", "overruled", "pages", "obtained from"),
)
_NUMBERS = {"records", "rejects", "requests", "MB"}


def snapshots(options: SnapshotsOptions, summary: RunSummary) -> None:
    """List the snapshots, newest first, or drop those of one date.

    Raises:
        LoaderError: there is none of that date, its pages are gone, or the warehouse cannot be
            used.
    """
    if options.drop is not None:
        _drop(options, options.drop, summary)
    else:
        _list(options)


def _list(options: SnapshotsOptions) -> None:
    warehouse = RawTables(destination(options.run.target, is_read_only=True))
    kept = [s for s in warehouse.kept_snapshots() if options.kind in (None, s.kind)]
    landed = list(landed_snapshots(options.run.landing_zone, LISTINGS))
    if options.as_json:
        rows = [asdict(s) | {"has_pages": _has_pages(s, landed)} for s in kept]
        print(msgspec.json.format(msgspec.json.encode(rows)).decode())
    elif not kept:
        print(f"{warehouse.name} keeps no snapshot")
    else:
        print(_table(_COLUMNS, [_row(s, _has_pages(s, landed)) for s in kept]))


def _drop(options: SnapshotsOptions, day: date, summary: RunSummary) -> None:
    with _locks(options, summary) as check_locks:
        warehouse = RawTables(destination(options.run.target), check_locks)
        kept = warehouse.kept_snapshots()
        dropped = [s for s in kept if s.snapshot_date == day and options.kind in (None, s.kind)]
        if not dropped:
            raise LoaderError(
                f"{warehouse.name} keeps no {options.kind or 'models or datasets'} of {day}. "
                f"It keeps: {', '.join(f'{s.snapshot_date} {s.kind}' for s in kept) or 'none'}."
            )
        landed = list(landed_snapshots(options.run.landing_zone, LISTINGS))
        lost = [s.kind for s in dropped if not _has_pages(s, landed)]
        if lost and not options.force:
            raise LoaderError(
                f"The pages of {' and '.join(lost)} of {day} are not in the landing zone "
                f"{options.run.landing_zone}: once dropped, they could never be loaded again. "
                "Nothing was changed. To drop them all the same, add --force."
            )
        summary.hub, summary.snapshot_date = dropped[0].source, day
        for snapshot in dropped:
            warehouse.drop(snapshot.kind, snapshot.snapshot_date)
            print(
                f"Dropped {snapshot.kind} of {snapshot.snapshot_date} from {warehouse.name}: "
                f"{snapshot.records:,} rows, {snapshot.rejects:,} rejects"
            )
    if not lost:
        print("Their pages stay in the landing zone, so that load, or history, brings them back")
    print("Run dbt build next: until then the marts still count what was dropped")


@contextmanager
def _locks(options: SnapshotsOptions, summary: RunSummary) -> Iterator[Callable[[], None]]:
    """Hold the lock of each source in the warehouse, which must be read to know them.

    The block is given a check of them all; it is to read the warehouse again.
    """
    reader = RawTables(destination(options.run.target, is_read_only=True))
    run, checks = options.run, []
    with ExitStack() as locks:
        for source in sorted({snapshot.source for snapshot in reader.kept_snapshots()}):
            lock = run_lock(
                run.landing_zone, source, summary.command, wait_minutes=run.lock_wait_minutes
            )
            checks.append(locks.enter_context(lock))

        def check_locks() -> None:
            for check in checks:
                check()

        yield check_locks


def _has_pages(snapshot: KeptSnapshot, landed: list[SnapshotManifest]) -> bool:
    return any(snapshot.is_loaded_from(manifest) for manifest in landed)


def _row(snapshot: KeptSnapshot, has_pages: bool) -> tuple[str, ...]:
    return (
        str(snapshot.snapshot_date),
        snapshot.kind,
        snapshot.source,
        "yes" if snapshot.is_synthetic else "",
        f"{snapshot.records:,}",
        f"{snapshot.rejects:,}",
        f"{snapshot.requests:,}",
        f"{snapshot.bytes / 1e6:,.1f}",
        f"{snapshot.loaded_at.astimezone(UTC):%Y-%m-%d %H:%M}",
        snapshot.overruled or ("row_count" if snapshot.is_forced else ""),
        "landed" if has_pages else "gone",
        visible(snapshot.obtained_from or "", allowed=""),
    )


def _table(columns: Sequence[str], rows: list[tuple[str, ...]]) -> str:
    """Aligned columns: text to the left, numbers to the right."""
    widths = [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in _NUMBERS else cell.ljust(width)
            for column, cell, width in zip(columns, row, widths, strict=True)
        ).rstrip()
        for row in (columns, *rows)
    )
