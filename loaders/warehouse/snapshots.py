"""Snapshots that are kept: the rows of ``hub_raw.snapshots``, and the guard on a new one's size."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from dlt.destinations.exceptions import DatabaseUndefinedRelation

from loaders import google_cloud
from loaders.errors import LoaderError
from loaders.landing.manifests import SnapshotManifest
from loaders.warehouse import raw_schema
from loaders.warehouse.database import Database

# A snapshot with fewer rows than this part of the one before it is taken for truncated.
ROW_COUNT_FLOOR = 0.9


class TruncatedError(LoaderError):
    """A snapshot looks truncated; it was not loaded."""


@dataclass(frozen=True)
class KeptSnapshot:
    """A row of ``hub_raw.snapshots``; its fields are those of ``raw_schema.SNAPSHOTS``.

    A field with a default is one that databases of older versions lack.
    """

    kind: str
    snapshot_date: date
    source: str
    is_synthetic: bool
    records: int
    rejects: int
    without_created_at: int
    pages: int
    requests: int
    rate_limited: int
    bytes: int
    crawl_started_at: datetime
    crawl_finished_at: datetime
    loaded_at: datetime
    is_forced: bool
    overruled: str | None = None
    is_complete: bool | None = None
    obtained_from: str | None = None
    licence: str | None = None
    tags_cut: int | None = None
    archive_date: date | None = None
    archive_revision: str | None = None
    is_frozen: bool | None = None

    @property
    def is_from_archive(self) -> bool:
        """True for a snapshot that was read from an archive of earlier listings."""
        return self.archive_date is not None

    @property
    def is_whole(self) -> bool:
        """True for a whole listing, as all were before parts were marked as such."""
        return self.is_complete is not False

    def is_loaded_from(self, manifest: SnapshotManifest) -> bool:
        """Tell whether it came from this very crawl."""
        return (self.kind, self.snapshot_date) == (manifest.kind, manifest.snapshot_date) and (
            self.source,
            self.crawl_finished_at,
        ) == (manifest.source, manifest.finished_at)


@dataclass(frozen=True)
class Origin:
    """The origin of a snapshot: eight columns of ``hub_raw.snapshots``.

    Attributes:
        source: the Hub that the database holds.
        is_synthetic: whether that Hub is made up.
        is_complete: whether the snapshot is all that was listed; a part is marked as one.
        obtained_from, licence: of a folder of records, in its own words; the file of an archive,
            and its licence.
        archive_date, archive_revision, is_frozen: of an archive alone.
    """

    source: str
    is_synthetic: bool
    is_complete: bool = True
    obtained_from: str | None = None
    licence: str | None = None
    archive_date: date | None = None
    archive_revision: str | None = None
    is_frozen: bool | None = None


class ReferenceSize(NamedTuple):
    """A size that a snapshot must come near.

    Attributes:
        records: how many repositories were listed.
        on: when; for later days it is a lower bound, since the Hub grows.
        source: who counted.
    """

    records: int
    on: date
    source: str


def find_snapshot(
    kept: Iterable[KeptSnapshot], kind: str, snapshot_date: date
) -> KeptSnapshot | None:
    """Find the snapshot of a listing and a day; None where there is none."""
    return next((s for s in kept if (s.kind, s.snapshot_date) == (kind, snapshot_date)), None)


def kept_snapshots(database: Database) -> list[KeptSnapshot]:
    """Read the snapshots in a database, newest first; none in a new one.

    Raises:
        LoaderError: the database cannot be read.
    """
    if database.destination.is_missing:
        return []
    with database.wrap_errors(), database.sql() as client:
        table = client.make_qualified_table_name("snapshots")
        query = f"select * from {table} order by snapshot_date desc, kind"
        try:
            with client.execute_query(query) as cursor:
                columns = [column[0] for column in cursor.description]
                rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        except DatabaseUndefinedRelation as error:
            if google_cloud.is_refused(error):  # dlt takes it for a table that is not there
                raise
            return []
    known = set(raw_schema.SNAPSHOTS.names)  # a later version may have added more
    return [
        KeptSnapshot(**{name: value for name, value in row.items() if name in known})
        for row in rows
    ]


def find_truncation(
    kept: Iterable[KeptSnapshot],
    kind: str,
    snapshot_date: date,
    records: int,
    *,
    is_complete: bool,
    reference: ReferenceSize | None,
) -> str | None:
    """Say why a new snapshot looks truncated; None where it does not.

    Args:
        kept: the snapshots in the database, newest first.
        kind, snapshot_date, records, is_complete: of the new one.
        reference: a size that it must come near, beside that of the snapshot before it.
    """
    if records == 0:
        return (
            f"The listing of {kind} for {snapshot_date} holds no usable record. Nothing was "
            "replaced. If the Hub is truly empty, load it with --force."
        )
    floors = [(reference.records, reference.on, f" ({reference.source})")] if reference else []
    # A whole listing is held against the last whole one: beside a part, any looks large.
    floors += [
        (snapshot.records, snapshot.snapshot_date, "")
        for snapshot in kept
        if snapshot.kind == kind
        and snapshot.snapshot_date < snapshot_date
        and (snapshot.is_whole or not is_complete)
    ][:1]
    for expected, on, source in floors:
        if records < ROW_COUNT_FLOOR * expected:
            return (
                f"The snapshot of {kind} for {snapshot_date} has {records:,} rows, "
                f"{records / expected:.0%} of the {expected:,} of {on}{source}: it looks "
                f"truncated (floor {ROW_COUNT_FLOOR:.0%}). Nothing was replaced. What was crawled "
                "can be crawled anew with --refetch; if the Hub has truly shrunk, load it with "
                "--force."
            )
    return None
