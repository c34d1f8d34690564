"""Guards of a folder of records: its day, and what a part of a listing may follow or replace."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from loaders.errors import LoaderError
from loaders.landing.manifests import SnapshotManifest
from loaders.warehouse.snapshots import KeptSnapshot, find_snapshot

if TYPE_CHECKING:
    from simulator import RecordFolder

# Somebody puts something on the Hub every minute: a listing without anything so new is older.
MAX_DAYS_AFTER_NEWEST = 35
# More than this part cannot have been created after the listing that they are in. Fewer can: a
# crawl takes an hour, and clocks differ. They are rejects.
MAX_PART_CREATED_LATER = 0.01
# The Hub began to host models in 2019 and counts days since 2022.
FIRST_DAY = date(2019, 1, 1)


class RecordDates(NamedTuple):
    """The dates within a folder, summed up.

    Attributes:
        records: those of both kinds whose dates can be read.
        created_later: those of them that were created after the day.
        newest: the newest createdAt or lastModified of the others that does not lie ahead of
            now; None where none has one.
    """

    records: int
    created_later: int
    newest: datetime | None


def read_dates(folder: "RecordFolder", snapshot_date: date) -> RecordDates:
    """Read the dates of every record of a folder, of both kinds.

    Raises:
        LocalHubError: a file cannot be unpacked.
    """
    end = datetime.combine(snapshot_date, time(), UTC) + timedelta(days=1)
    now = datetime.now(UTC)
    records = created_later = 0
    newest: datetime | None = None
    for created_at, last_modified in folder.times():
        records += 1
        # It will be a reject, and says nothing of the others: one record of the year 2099 must
        # not make every day look early enough.
        if created_at is not None and created_at >= end:
            created_later += 1
            continue
        for instant in (created_at, last_modified):
            if instant is not None and instant <= now and (newest is None or instant > newest):
                newest = instant
    return RecordDates(records, created_later, newest)


def problem_of_date(folder: "RecordFolder", snapshot_date: date) -> str:
    """Find why the folder cannot be a listing of that day; empty where it can.

    Raises:
        LocalHubError: a file cannot be unpacked.
    """
    found = read_dates(folder, snapshot_date)
    if found.created_later > MAX_PART_CREATED_LATER * found.records:
        return (
            f"{found.created_later:,} of the {found.records:,} records in {folder.path}, "
            f"{found.created_later / found.records:.1%}, were created after {snapshot_date} (UTC): "
            "they cannot have been listed on that day"
        )
    if found.newest is not None:
        days = (snapshot_date - found.newest.astimezone(UTC).date()).days
        if days > MAX_DAYS_AFTER_NEWEST:
            return (
                f"Nothing in {folder.path} was created or changed in the {days:,} days before "
                f"{snapshot_date}; the newest date in it is {found.newest:%Y-%m-%d}. A listing of "
                f"{snapshot_date} would have newer ones"
            )
    return ""


def check_date(folder: "RecordFolder", snapshot_date: date, *, force: bool) -> list[str]:
    """Refuse a day that the folder's own dates speak against.

    Args:
        snapshot_date: of which day the records are said to be.
        force: let it pass, whatever they say.

    Returns:
        Names of the guards that were overruled: ``snapshot_date``, or none.

    Raises:
        LoaderError: the records cannot be of that day, or a file cannot be unpacked.
    """
    stated = folder.facts.snapshot_date if folder.facts else None
    if snapshot_date < FIRST_DAY:
        raise LoaderError(
            f"There was no Hub to list on {snapshot_date}. Give the day that the records in "
            f"{folder.path} were listed on: --snapshot-date, or snapshot_date in its hub.json."
        )
    if stated is not None and stated != snapshot_date:
        problem = f"{folder.path / 'hub.json'} says that its records are of {stated}"
    else:
        problem = problem_of_date(folder, snapshot_date)
    if not problem:
        return []
    if not force:
        raise LoaderError(
            f"{problem}. Nothing was loaded. Give the day that they were listed on with "
            "--snapshot-date, or as snapshot_date in the folder's hub.json; if it is right all the "
            "same, load them with --force."
        )
    return ["snapshot_date"]


def check_completeness(
    kept: Sequence[KeptSnapshot], folder: "RecordFolder", snapshot_date: date, *, force: bool
) -> list[str]:
    """Refuse a part of a listing where a whole one was loaded before it.

    What a snapshot lacks counts as removed from the Hub, so that a part after a whole listing
    would remove the most of it; and of one day the part would replace the whole.

    Args:
        kept: the snapshots in the warehouse, newest first.
        folder: the part.
        force: let it pass.

    Returns:
        Names of the guards that were overruled: ``completeness``, or none.

    Raises:
        LoaderError: there is a whole listing of that day or of an earlier one.
    """
    whole = next(
        (
            snapshot
            for snapshot in kept
            if snapshot.kind in folder.kinds
            and snapshot.snapshot_date <= snapshot_date
            and snapshot.is_whole
        ),
        None,
    )
    if whole is None:
        return []
    if force:
        return ["completeness"]
    effect = (
        "it would replace that"
        if whole.snapshot_date == snapshot_date
        else f"what it lacks of those {whole.records:,} would count as removed from the Hub"
    )
    raise LoaderError(
        f"{folder.path} is a part of a listing, for no hub.json in it says is_complete, and the "
        f"database holds the whole listing of {whole.kind} of {whole.snapshot_date}: {effect}. "
        "Nothing was loaded. If the folder is a whole listing, say so in its hub.json; load a part "
        "into a database of its own (HUB_DUCKDB_PATH); if it is meant all the same, add --force."
    )


def check_replaced_crawl(
    kept: Sequence[KeptSnapshot], folder: "RecordFolder", landed: SnapshotManifest, *, force: bool
) -> list[str]:
    """Refuse a folder in place of what may have been crawled from the Hub itself.

    A snapshot that says where it was obtained from is a folder's. One that does not, of a Hub at
    an address, is taken for a crawl, which nobody can make again.

    Args:
        kept: the snapshots in the warehouse.
        landed: the folder's listing, as it would be loaded.
        force: let it pass.

    Returns:
        Names of the guards that were overruled: ``replaced_crawl``, or none.

    Raises:
        LoaderError: such a snapshot of that day and kind is loaded.
    """
    if folder.facts is None or "://" not in folder.facts.source:
        return []
    loaded = find_snapshot(kept, landed.kind, landed.snapshot_date)
    if loaded is None or loaded.obtained_from is not None or loaded.is_loaded_from(landed):
        return []
    if not force:
        raise LoaderError(
            f"The {landed.kind} of {landed.snapshot_date} that are loaded were crawled from "
            f"{loaded.source}, or do not say where they were obtained from; {folder.path} would "
            "replace them. Nothing was changed. If it is the better record of that day, load it "
            "with --force: the fact is recorded."
        )
    return ["replaced_crawl"]
