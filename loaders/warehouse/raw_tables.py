"""The raw tables, ``hub_raw``: load, append, delete, and register what is whole.

A snapshot is loaded whole or not at all: its rows are replaced first, and only then is it
registered in ``hub_raw.snapshots``, which is all that dbt goes by. A run that is killed in between
leaves rows that nobody reads, and the next run replaces them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import cast

import pyarrow as pa
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.destinations.job_client_impl import SqlJobClientBase

from loaders import google_cloud
from loaders.errors import LoaderError
from loaders.landing.landed_crawl import LandedCrawl
from loaders.landing.manifests import SnapshotManifest
from loaders.warehouse import raw_schema
from loaders.warehouse.database import Database
from loaders.warehouse.destinations import Destination
from loaders.warehouse.rejects import Reason
from loaders.warehouse.resources import Decoder, listing_resources, table_resource
from loaders.warehouse.snapshots import (
    KeptSnapshot,
    Origin,
    ReferenceSize,
    TruncatedError,
    find_truncation,
    kept_snapshots,
)

_OF_KIND_AND_DATE = "kind = %s and snapshot_date = %s"


@dataclass(frozen=True)
class LoadedSnapshot:
    """The rows that one load brought into ``hub_raw``."""

    snapshot: KeptSnapshot
    rejects: dict[Reason, int]


class RawTables:
    """The tables in ``hub_raw`` of one database.

    Args:
        destination: where it is. Opened for reading only, nothing is made in it or beside it.
        check_lock: called before rows are removed, added or registered; raises where another run
            has taken over.

    Attributes:
        database: the one that they are in.

    Raises:
        LoaderError: the database cannot be opened, read or written.
    """

    def __init__(
        self, destination: Destination, check_lock: Callable[[], None] = lambda: None
    ) -> None:
        self.database = Database(destination)
        self._check_lock = check_lock
        self._has_tables = False
        if not destination.is_read_only:  # so that one that cannot be written is told now
            self.database.make_raw_schema()

    @property
    def name(self) -> str:
        """The database as messages call it."""
        return self.database.name

    def kept_snapshots(self) -> list[KeptSnapshot]:
        """Read the snapshots in the database, newest first; none in a new one."""
        return kept_snapshots(self.database)

    def load(
        self,
        landed: LandedCrawl,
        decoder: Decoder,
        origin: Origin,
        *,
        overruled: Sequence[str] = (),
        reference: ReferenceSize | None = None,
        force: bool = False,
        on_page: Callable[[int], None] = lambda records: None,
    ) -> LoadedSnapshot:
        """Bring what was landed of a snapshot into ``hub_raw``.

        Loading the same snapshot again replaces its rows.

        Args:
            landed: the crawl, or the file of an archive; it must be complete.
            decoder: makes rows of its pages.
            origin: where it comes from.
            overruled: names of guards that were overruled before.
            reference: a size that it must come near, beside that of the snapshot before it.
            force: load a snapshot that looks truncated; the fact is recorded.
            on_page: called with the number of rows of each page that was decoded.

        Raises:
            TruncatedError: the snapshot looks truncated.
            LoaderError: a page is damaged, or the database refuses. In all cases, what was loaded
                before stands as it was.
        """
        if landed.snapshot is None:
            raise ValueError(f"{landed.folder} is no complete crawl")
        with self.database.kept_open():
            is_truncated = self._replace_rows(
                landed,
                decoder,
                is_complete=origin.is_complete,
                reference=reference,
                force=force,
                on_page=on_page,
            )
            if is_truncated:
                overruled = [*overruled, "row_count"]
            snapshot = _snapshot(landed.snapshot, decoder, origin, overruled)
            with self.database.wrap_errors():
                self._register_snapshot(snapshot)
        return LoadedSnapshot(snapshot, dict(decoder.rejects))

    def drop(self, kind: str, snapshot_date: date) -> None:
        """Remove a snapshot; one that is not there is no error.

        Raises:
            LoaderError: the database refuses.
        """
        with self.database.wrap_errors():
            self._delete_snapshot(kind, snapshot_date)

    def batches(self, table: str) -> set[str]:
        """List the batches of answers that a table holds.

        Raises:
            LoaderError: the database cannot be read.
        """
        with self.database.wrap_errors(), self.database.sql() as client:
            name = client.make_qualified_table_name(table)
            rows = client.execute_sql(f"select distinct batch from {name}")
            return {batch for (batch,) in rows or []}

    def append(self, table: str, rows: pa.Table) -> None:
        """Bring a batch of answers into ``hub_raw``, whole or not at all.

        Raises:
            LoaderError: the database refuses.
        """
        self._check_lock()
        with self.database.wrap_errors():
            self.database.pipeline(table).run(
                table_resource(table, rows), loader_file_format="parquet"
            )

    def _replace_rows(
        self,
        landed: LandedCrawl,
        decoder: Decoder,
        *,
        is_complete: bool,
        reference: ReferenceSize | None,
        force: bool,
        on_page: Callable[[int], None],
    ) -> bool:
        """Put the rows of a crawl in the place of those that were loaded before.

        Returns:
            True if it looks truncated, and was forced.
        """
        kind, snapshot_date = landed.kind, landed.snapshot_date
        with self.database.wrap_errors():
            pipeline = self.database.pipeline(kind)
            resources = listing_resources(landed, decoder, on_page)
            pipeline.extract(resources, loader_file_format="parquet")
            truncation = find_truncation(
                self.kept_snapshots(),
                kind,
                snapshot_date,
                decoder.records,
                is_complete=is_complete,
                reference=reference,
            )
            if truncation and not force:
                pipeline.abort_packages()
                raise TruncatedError(truncation)
            pipeline.normalize()
            # Else what Arrow keeps for its next table stands beside what DuckDB takes.
            pa.default_memory_pool().release_unused()
            self._delete_snapshot(kind, snapshot_date)
            pipeline.load(raise_on_failed_jobs=True)
        return truncation is not None

    def _delete_snapshot(self, kind: str, snapshot_date: date) -> None:
        """Remove a snapshot, its registration first, so that what is left is not taken for one."""
        self._check_lock()
        arguments: tuple[object, ...]
        with self.database.sql() as client:
            for table, condition, arguments in (
                ("snapshots", _OF_KIND_AND_DATE, (kind, snapshot_date)),
                ("rejects", _OF_KIND_AND_DATE, (kind, snapshot_date)),
                (kind, "snapshot_date = %s", (snapshot_date,)),
            ):
                name = client.make_qualified_table_name(table)
                try:
                    client.execute_sql(f"delete from {name} where {condition}", *arguments)
                except DatabaseUndefinedRelation as error:
                    if google_cloud.is_refused(error):
                        raise

    def _count(self, kind: str, snapshot_date: date) -> int:
        with self.database.sql() as client:
            table = client.make_qualified_table_name(kind)
            rows = client.execute_sql(
                f"select count(*) from {table} where snapshot_date = %s", snapshot_date
            )
        [[count]] = rows or []
        return int(count)

    def _register_snapshot(self, snapshot: KeptSnapshot) -> None:
        """Add a row to ``hub_raw.snapshots``: from now on dbt reads the snapshot."""
        self._check_lock()
        held = self._count(snapshot.kind, snapshot.snapshot_date)
        if held != snapshot.records:
            raise LoaderError(
                f"{self.name} holds {held:,} {snapshot.kind} of {snapshot.snapshot_date} where "
                f"{snapshot.records:,} were loaded: another run loads the same date. The snapshot "
                "does not count. Run the same command again when the other one has ended."
            )
        if not self._has_tables:
            self._make_tables()
            self._has_tables = True
        values = ((name, getattr(snapshot, name)) for name in raw_schema.SNAPSHOTS.names)
        # Google's client cannot tell the type of a None.
        row = {name: value for name, value in values if value is not None}
        with self.database.sql() as client:
            table = client.make_qualified_table_name("snapshots")
            # Google's client may send a statement twice, not knowing whether it ran: one row still.
            client.execute_sql(
                f"insert into {table} ({', '.join(row)})"
                f" select {', '.join(['%s'] * len(row))} from (select 1) as one_row"
                f" where not exists (select * from {table} where {_OF_KIND_AND_DATE})",
                *(*row.values(), snapshot.kind, snapshot.snapshot_date),
            )

    def _make_tables(self) -> None:
        """Make the tables and columns that are missing.

        All of them, with the first snapshot: dbt reads also what no load has filled yet.
        """
        pipeline = self.database.pipeline("snapshots")
        with cast(SqlJobClientBase, pipeline.destination_client()) as client:
            tables = dict(client.get_storage_tables(raw_schema.TABLES))
        missing = [
            table_resource(name, columns.empty_table())
            for name, columns in raw_schema.TABLES.items()
            if not tables[name].keys() >= set(columns.names)
        ]
        if missing:
            pipeline.run(missing, loader_file_format="parquet")


def _snapshot(
    manifest: SnapshotManifest,
    decoder: Decoder,
    origin: Origin,
    overruled: Sequence[str],
) -> KeptSnapshot:
    """Describe a snapshot whose rows are loaded."""
    return KeptSnapshot(
        kind=manifest.kind,
        snapshot_date=manifest.snapshot_date,
        source=origin.source,
        is_synthetic=origin.is_synthetic,
        records=decoder.records,
        rejects=decoder.rejects.total(),
        without_created_at=decoder.without_created_at,
        pages=len(manifest.pages),
        requests=sum(page.requests for page in manifest.pages),
        rate_limited=sum(page.rate_limited for page in manifest.pages),
        bytes=sum(page.bytes for page in manifest.pages),
        crawl_started_at=manifest.started_at,
        crawl_finished_at=manifest.finished_at,
        loaded_at=datetime.now(UTC),
        is_forced="row_count" in overruled,
        overruled=",".join(overruled) or None,
        is_complete=origin.is_complete,
        obtained_from=origin.obtained_from,
        licence=origin.licence,
        tags_cut=decoder.tags_cut,
        archive_date=origin.archive_date,
        archive_revision=origin.archive_revision,
        is_frozen=origin.is_frozen,
    )
