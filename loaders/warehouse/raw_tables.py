"""The dlt pipelines into ``hub_raw``.

A snapshot is loaded whole or not at all: its rows are replaced first, and only then is it
named in ``hub_raw.snapshots``, which is all that dbt goes by. A run that is killed in between
leaves rows that nobody reads, and the next run replaces them.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, NamedTuple

import dlt
import duckdb
import pyarrow as pa
from dlt.common.exceptions import DltException
from dlt.destinations.adapters import bigquery_adapter
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.destinations.sql_client import SqlClientBase
from dlt.extract import DltResource

from loaders import google_cloud
from loaders.errors import LoaderError
from loaders.landing.landed_crawl import LandedCrawl
from loaders.landing.manifests import SnapshotManifest
from loaders.load.reference_sizes import ReferenceSize
from loaders.warehouse import duckdb_errors, raw_schema
from loaders.warehouse.decoding import Reason, SnapshotDecoder
from loaders.warehouse.destinations import Destination
from loaders.warehouse.schemas import schema

# A snapshot with fewer rows than this part of the one before it is taken for truncated.
ROW_COUNT_FLOOR = 0.9

# A batch becomes a row group of parquet. One of a single page costs twice the time to write and
# read; larger ones than this only cost memory.
PAGES_A_BATCH = 20
BATCH_BYTES = 200_000_000  # of such rows as fill a page to its limit; a page of the Hub has 1 MB

# New columns and tables come in; a column that changes its type fails the load loudly, because
# the casts of dbt would hide it.
_OPTIONS: dict[str, Any] = {
    "write_disposition": "append",
    "schema_contract": {"tables": "evolve", "columns": "evolve", "data_type": "freeze"},
}

# What dlt wraps, as it does all that happens in a step: a damaged page, and SIGTERM.
_TOLD_ALREADY = (LoaderError, KeyboardInterrupt)


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

    def is_loaded_from(self, manifest: SnapshotManifest) -> bool:
        """Whether it came from this very crawl."""
        return (self.kind, self.snapshot_date) == (manifest.kind, manifest.snapshot_date) and (
            self.source,
            self.crawl_finished_at,
        ) == (manifest.source, manifest.finished_at)


@dataclass(frozen=True)
class LoadedSnapshot:
    """What one load brought into ``hub_raw``."""

    snapshot: KeptSnapshot
    rejects: dict[Reason, int]


class WaitingModel(NamedTuple):
    """A listed model that a question is still to be asked about."""

    hub_id: str
    id: str
    last_modified: datetime | None


class Warehouse:
    """The raw schema of one database.

    Args:
        destination: where it is. Opened for reading only, nothing is made in it or beside it.
        check_lock: called before rows are removed, added or named; raises where another run has
            taken over.

    Raises:
        LoaderError: the database cannot be opened, read or written.
    """

    def __init__(
        self, destination: Destination, check_lock: Callable[[], None] = lambda: None
    ) -> None:
        self._destination = destination
        self._check_lock = check_lock
        self._is_checked = False
        if destination.is_read_only:
            return
        with self._told_plainly():
            self._clear_working_folder()
            self._bookkeeping = self._pipeline("snapshots")
        with self._told_plainly(), self._bookkeeping.destination_client() as client:
            if not client.is_storage_initialized():
                client.initialize_storage()  # a database that cannot be written is told now

    @property
    def name(self) -> str:
        """How messages call the database."""
        return self._destination.name

    def kept_snapshots(self) -> list[KeptSnapshot]:
        """The snapshots in the warehouse, newest first; none in a new database."""
        if self._destination.is_missing:
            return []
        with self._told_plainly(), self._sql() as client:
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

    def load(
        self,
        landed: LandedCrawl,
        *,
        source: str,
        is_synthetic: bool,
        is_complete: bool = True,
        obtained_from: str | None = None,
        licence: str | None = None,
        overruled: Sequence[str] = (),
        reference: ReferenceSize | None = None,
        force: bool = False,
        on_page: Callable[[int], None] = lambda records: None,
    ) -> LoadedSnapshot:
        """Bring a complete crawl from the landing zone into ``hub_raw``.

        Loading the same snapshot again replaces its rows.

        Args:
            landed: the crawl; it must be complete.
            source: the Hub that this database holds.
            is_synthetic: whether that Hub is made up.
            is_complete: whether it is all that was listed; a part is marked as one.
            obtained_from, licence: of a folder of records, in its own words.
            overruled: names of guards that were overruled before.
            reference: a size that it must come near, beside that of the snapshot before it.
            force: load a snapshot that looks truncated; the fact is recorded.
            on_page: called with the number of rows of each page that was decoded.

        Raises:
            LoaderError: the snapshot looks truncated, a page is damaged, or the database
                refuses. What was loaded before stands as it was.
        """
        manifest = landed.snapshot
        if manifest is None:
            raise ValueError(f"{landed.folder} is no complete crawl")
        kind, snapshot_date = landed.kind, landed.snapshot_date
        decoder = SnapshotDecoder(kind, snapshot_date)
        with self._told_plainly():
            pipeline = self._pipeline(kind)
            with self._rows_a_file():
                pipeline.extract(_tables(landed, decoder, on_page), loader_file_format="parquet")
            is_truncated = self._looks_truncated(
                kind, snapshot_date, decoder.records, is_complete=is_complete, reference=reference
            )
            if is_truncated and not force:
                pipeline.abort_packages()
                raise LoaderError(is_truncated)
            pipeline.normalize()
            # Else what Arrow keeps for its next table stands beside what DuckDB takes.
            pa.default_memory_pool().release_unused()
            self._forget(kind, snapshot_date)
            pipeline.load(raise_on_failed_jobs=True)
            snapshot = KeptSnapshot(
                kind=kind,
                snapshot_date=snapshot_date,
                source=source,
                is_synthetic=is_synthetic,
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
                is_forced=bool(is_truncated),
                overruled=",".join([*overruled, *(["row_count"] if is_truncated else [])]) or None,
                is_complete=is_complete,
                obtained_from=obtained_from,
                licence=licence,
                tags_cut=decoder.tags_cut,
            )
            self._name(snapshot)
        return LoadedSnapshot(snapshot, dict(decoder.rejects))

    def drop(self, kind: str, snapshot_date: date) -> None:
        """Remove a snapshot; one that is not there is no error.

        Raises:
            LoaderError: the database refuses.
        """
        with self._told_plainly():
            self._forget(kind, snapshot_date)

    def waiting_models(
        self,
        table: str,
        condition: str,
        *,
        snapshot_date: date,
        min_downloads: int,
        failed_before: datetime,
        limit: int,
    ) -> tuple[list[WaitingModel], int]:
        """The models that a question is still to be asked about, the most downloaded first.

        A model waits that was never asked about, that has changed since, or whose question
        failed some time ago.

        Args:
            table: the table of the answers in ``hub_raw``.
            condition: which models the question is about, in SQL on the columns of ``models``.
            snapshot_date: the listing to choose from.
            min_downloads: models with fewer are left out.
            failed_before: a question that failed after this is not asked again.
            limit: how many models to give.

        Returns:
            The models, and how many wait in all.
        """
        with self._told_plainly(), self._sql() as client:
            models = client.make_qualified_table_name("models")
            answers = client.make_qualified_table_name(table)
            rows = client.execute_sql(
                f"""
                with listed as (
                    select _id, id, last_modified, downloads, likes from {models}
                    where snapshot_date = %s
                        and not coalesce(private, false) and not coalesce(disabled, false)
                        and coalesce(downloads, 0) >= %s
                        and {condition}
                ),
                answered as (
                    select _id, status, last_modified, fetched_at,
                        row_number() over (partition by _id order by fetched_at desc) as recency
                    from {answers}
                ),
                waiting as (
                    select listed.* from listed
                    left join answered on listed._id = answered._id and answered.recency = 1
                    where answered._id is null
                        or listed.last_modified > answered.last_modified
                        or (answered.status = 'failed' and answered.fetched_at < %s)
                )
                select _id, id, last_modified, count(*) over () from waiting
                order by downloads desc nulls last, likes desc nulls last, _id
                limit {limit:d}
                """,
                snapshot_date,
                min_downloads,
                failed_before,
            )
        return [WaitingModel(*row[:3]) for row in rows], rows[0][3] if rows else 0

    def batches(self, table: str) -> set[str]:
        """Which batches of answers a table holds."""
        with self._told_plainly(), self._sql() as client:
            name = client.make_qualified_table_name(table)
            return {batch for (batch,) in client.execute_sql(f"select distinct batch from {name}")}

    def append(self, table: str, rows: pa.Table) -> None:
        """Bring a batch of answers into ``hub_raw``, whole or not at all."""
        self._check_lock()
        with self._told_plainly():
            self._pipeline(table).run(_resource(table, [rows]), loader_file_format="parquet")

    def _looks_truncated(
        self,
        kind: str,
        snapshot_date: date,
        records: int,
        *,
        is_complete: bool,
        reference: ReferenceSize | None,
    ) -> str | None:
        if records == 0:
            return (
                f"The listing of {kind} for {snapshot_date} holds no usable record. Nothing was "
                "replaced. If the Hub is truly empty, load it with --force."
            )
        floors = [(reference.records, reference.on, f" ({reference.source})")] if reference else []
        # A whole listing is held against the last whole one: beside a part, any looks large.
        floors += [
            (kept.records, kept.snapshot_date, "")
            for kept in self.kept_snapshots()
            if kept.kind == kind
            and kept.snapshot_date < snapshot_date
            and (kept.is_complete is not False or not is_complete)
        ][:1]
        for expected, on, source in floors:
            if records < ROW_COUNT_FLOOR * expected:
                return (
                    f"The snapshot of {kind} for {snapshot_date} has {records:,} rows, "
                    f"{records / expected:.0%} of the {expected:,} of {on}{source}: it looks "
                    f"truncated (floor {ROW_COUNT_FLOOR:.0%}). Nothing was replaced. Crawl it anew "
                    "with --refetch; if the Hub has truly shrunk, load it with --force."
                )
        return None

    def _forget(self, kind: str, snapshot_date: date) -> None:
        """Remove a snapshot, its name first, so that no reader takes what is left for whole."""
        self._check_lock()
        of_kind = "kind = %s and snapshot_date = %s"
        with self._sql() as client:
            for table, condition, arguments in (
                ("snapshots", of_kind, (kind, snapshot_date)),
                ("rejects", of_kind, (kind, snapshot_date)),
                (kind, "snapshot_date = %s", (snapshot_date,)),
            ):
                name = client.make_qualified_table_name(table)
                try:
                    client.execute_sql(f"delete from {name} where {condition}", *arguments)
                except DatabaseUndefinedRelation as error:
                    if google_cloud.is_refused(error):
                        raise

    def _count(self, kind: str, snapshot_date: date) -> int:
        with self._sql() as client:
            table = client.make_qualified_table_name(kind)
            [[count]] = client.execute_sql(
                f"select count(*) from {table} where snapshot_date = %s", snapshot_date
            )
        return count

    def _name(self, snapshot: KeptSnapshot) -> None:
        self._check_lock()
        held = self._count(snapshot.kind, snapshot.snapshot_date)
        if held != snapshot.records:
            raise LoaderError(
                f"{self.name} holds {held:,} {snapshot.kind} of {snapshot.snapshot_date} where "
                f"{snapshot.records:,} were loaded: another run loads the same date. The snapshot "
                "does not count. Run the same command again when the other one has ended."
            )
        rows = pa.Table.from_pylist([asdict(snapshot)], raw_schema.SNAPSHOTS)
        # Every table comes to be with the first snapshot, so that dbt can read the ones that no
        # load has filled yet.
        with self._bookkeeping.destination_client() as client:
            tables = dict(client.get_storage_tables(raw_schema.TABLES))
        empty = [
            _resource(name, [columns.empty_table()])
            for name, columns in raw_schema.TABLES.items()
            if name != "snapshots" and not tables[name]
        ]
        self._bookkeeping.run(
            [_resource("snapshots", [rows]), *empty], loader_file_format="parquet"
        )

    def _clear_working_folder(self) -> None:
        """Remove what earlier runs left of dlt's own: no step can go on from half of it.

        Nothing is lost: pages and answers are in the landing zone, what was loaded in the
        database, and dlt asks the database for the tables that are there.
        """
        for name in raw_schema.TABLES:  # and so of pipelines
            folder = self._destination.working_folder / name
            if folder.exists():
                shutil.rmtree(folder)

    def _pipeline(self, name: str) -> dlt.Pipeline:
        return dlt.pipeline(
            name,
            destination=self._destination.dlt,
            dataset_name=schema(raw_schema.RAW_DATASET),
            pipelines_dir=str(self._destination.working_folder),
        )

    @contextmanager
    def _rows_a_file(self) -> Iterator[None]:
        """The destination's own limit of rows in a file, where ``.dlt/config.toml`` has one."""
        setting = "data_writer.file_max_items"
        name = self._destination.dlt.destination_name
        limit = dlt.config.get(f"destination.{name}.{setting}", int)
        if limit is None:
            yield
            return
        for_all = dlt.config.get(setting, int)
        dlt.config[setting] = limit
        try:
            yield
        finally:
            dlt.config[setting] = for_all

    @contextmanager
    def _sql(self) -> Iterator[SqlClientBase[Any]]:
        # A dataset, unlike a pipeline, needs no working folder.
        dataset = dlt.dataset(
            self._destination.dlt, schema(raw_schema.RAW_DATASET), dlt.Schema("snapshots")
        )
        with dataset.sql_client as client:
            if self._destination.project:
                self._check_bigquery(client.native_connection)
            yield client

    def _check_bigquery(self, client: Any) -> None:
        query = client.query_and_wait
        client.query_and_wait = partial(query, **google_cloud.retries())
        if not self._is_checked:
            google_cloud.has_dataset(
                client, schema(raw_schema.RAW_DATASET), self._destination.project
            )
            self._is_checked = True

    @contextmanager
    def _told_plainly(self) -> Iterator[None]:
        try:
            yield
        except google_cloud.NotUsable as error:
            raise LoaderError(str(error)) from error
        except (DltException, duckdb.Error, OSError, *google_cloud.errors()) as error:
            cause: BaseException = error
            while cause.__cause__ is not None and not isinstance(cause, _TOLD_ALREADY):
                cause = cause.__cause__
            if isinstance(cause, _TOLD_ALREADY):
                raise cause from None
            told = (
                google_cloud.explanation(error)
                or duckdb_errors.explanation(error)
                or f"{' '.join(str(cause).split())}. Run the same command again: it goes on."
            )
            raise LoaderError(f"{self.name}: {told}") from error


class _Decoded(NamedTuple):
    """Rows of a listing, or records of it that were left out."""

    table: str
    rows: pa.Table


def _tables(
    landed: LandedCrawl, decoder: SnapshotDecoder, on_page: Callable[[int], None]
) -> list[DltResource]:
    """A listing and its rejects, each a resource of its own, from one reading of the pages.

    One resource may fill two tables, but gives both its hints, and BigQuery refuses to cluster
    rejects by a column that they do not have.
    """

    def decoded() -> Iterator[_Decoded]:
        batch: list[pa.Table] = []
        for number, body in landed.bodies():
            rows, rejects = decoder.decode(number, body)
            if rejects.num_rows:
                yield _Decoded("rejects", rejects)
            batch.append(rows)
            if len(batch) == PAGES_A_BATCH or sum(rows.nbytes for rows in batch) > BATCH_BYTES:
                yield _Decoded(landed.kind, pa.concat_tables(batch))
                batch.clear()
            on_page(rows.num_rows)
        if batch or not decoder.records:  # else an empty file could be a load job of its own
            empty = raw_schema.TABLES[landed.kind].empty_table()
            yield _Decoded(landed.kind, pa.concat_tables([empty, *batch]))

    pages = dlt.resource(decoded(), name="pages", selected=False)
    return [pages | _part(table) for table in (landed.kind, "rejects")]


def _part(table: str) -> DltResource:
    """What goes into one table of all that is decoded."""

    def rows(decoded: _Decoded) -> pa.Table | None:
        return decoded.rows if decoded.table == table else None

    return _with_hints(dlt.transformer(rows, name=table, **_OPTIONS))


def _resource(table: str, tables: Iterable[pa.Table]) -> DltResource:
    return _with_hints(dlt.resource(tables, name=table, **_OPTIONS))


def _with_hints(resource: DltResource) -> DltResource:
    if resource.name in raw_schema.LISTINGS:
        # BigQuery alone heeds this, and only when it makes the table: a reader of one snapshot
        # pays for one, and the models of a snapshot lie in the order in which they are joined.
        bigquery_adapter(resource, partition="snapshot_date", cluster="_id")
    return resource
