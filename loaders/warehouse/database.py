"""One database as the loaders reach it: SQL and dlt's pipelines into its raw schema."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import dlt
import duckdb
from dlt.common.exceptions import DltException
from dlt.destinations.sql_client import SqlClientBase

from loaders import google_cloud
from loaders.errors import LoaderError
from loaders.warehouse import duckdb_errors, raw_schema
from loaders.warehouse.destinations import Destination
from loaders.warehouse.schemas import schema

# Raised as they are, where dlt wraps them as it does all that happens in a step: a damaged page,
# and SIGTERM.
_UNCHANGED = (LoaderError, KeyboardInterrupt)


class Database:
    """The raw schema of one destination.

    Args:
        destination: where it is. Opened for reading only, nothing is made in it or beside it.
    """

    def __init__(self, destination: Destination) -> None:
        self.destination = destination
        self._cleared: set[str] = set()
        self._is_checked = False
        self._kept: SqlClientBase[Any] | None = None

    @property
    def name(self) -> str:
        """The database as messages call it."""
        return self.destination.name

    def make_raw_schema(self) -> None:
        """Make the raw schema where it is missing.

        Raises:
            LoaderError: the database cannot be written.
        """
        with self.wrap_errors(), self.sql() as client:
            if not client.has_dataset():
                client.create_dataset()

    def pipeline(self, name: str) -> dlt.Pipeline:
        """Open a pipeline of dlt's into the raw schema.

        What earlier runs left of dlt's own is removed, as no step can go on from half of it, and
        only now: another Hub, which this database refuses, must not clear away what a running load
        is about to load. Nothing is lost: pages and answers are in the landing zone, what was
        loaded in the database, and dlt asks the database for the tables that are there.
        """
        folder = self.destination.working_folder / name
        if name not in self._cleared and folder.exists():
            shutil.rmtree(folder)
        self._cleared.add(name)
        return dlt.pipeline(
            name,
            destination=self.destination.dlt,
            dataset_name=schema(raw_schema.RAW_DATASET),
            pipelines_dir=str(self.destination.working_folder),
        )

    @contextmanager
    def sql(self) -> Iterator[SqlClientBase[Any]]:
        """Open a connection for SQL; it is closed with the block, or with that of ``kept_open``."""
        if self._kept:
            yield self._kept
            return
        # A dataset, unlike a pipeline, needs no working folder.
        dataset = dlt.dataset(
            self.destination.dlt, schema(raw_schema.RAW_DATASET), dlt.Schema("snapshots")
        )
        with dataset.sql_client as client:
            if self.destination.project:
                self._check_bigquery(client.native_connection, self.destination.project)
            yield client

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Keep a DuckDB file open while a snapshot is loaded.

        Else each step and statement opens it anew, and writes it out when it closes it, which is a
        third of a small load; and dlt looks through its configuration for each connection.

        Raises:
            LoaderError: it cannot be opened.
        """
        with ExitStack() as stack:
            if not self.destination.project:
                with self.wrap_errors():
                    self._kept = stack.enter_context(self.sql())
            try:
                yield
            finally:
                self._kept = None

    def _check_bigquery(self, client: Any, project: google_cloud.Project) -> None:
        query = client.query_and_wait
        client.query_and_wait = partial(query, **google_cloud.retries())
        if not self._is_checked:
            google_cloud.has_dataset(client, schema(raw_schema.RAW_DATASET), project)
            self._is_checked = True

    @contextmanager
    def wrap_errors(self) -> Iterator[None]:
        """Raise whatever goes wrong in the database as one line with advice.

        Raises:
            LoaderError: instead of any error of dlt, DuckDB, Google or the operating system.
        """
        expected: tuple[type[Exception], ...] = (
            *(DltException, duckdb.Error, OSError),
            *google_cloud.errors(),
        )
        try:
            yield
        except google_cloud.NotUsableError as error:
            raise LoaderError(str(error)) from error
        except expected as error:
            cause: BaseException = error
            while cause.__cause__ is not None and not isinstance(cause, _UNCHANGED):
                cause = cause.__cause__
            if isinstance(cause, _UNCHANGED):
                raise cause from None
            told = (
                google_cloud.explanation(error)
                or duckdb_errors.explanation(error)
                or f"{' '.join(str(cause).split())}. Run the same command again: it goes on."
            )
            raise LoaderError(f"{self.name}: {told}") from error
