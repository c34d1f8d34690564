"""The two engines as a report sees them: names of tables, and queries."""

import os
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from reports.errors import ReportError

TARGETS = ("duckdb", "bigquery")


class Warehouse(Protocol):
    """Where the marts are. Used as a context manager; nothing is ever written to it."""

    name: str  # for messages

    def tables(self, schema: str) -> set[str]:
        """Names of the tables and views in a schema; none where there is no such schema."""

    def read(self, sql: str) -> pa.Table:
        """The answer to a query that both engines understand."""

    def __enter__(self) -> "Warehouse": ...

    def __exit__(self, *error: object) -> None: ...


def open_warehouse(target: str) -> Warehouse:
    """The warehouse of a target, one of ``TARGETS``, as the environment sets it.

    Raises:
        ReportError: it is not there or cannot be opened; the message says why.
    """
    if target == "bigquery":
        return _BigQuery()
    return _DuckDB(Path(os.environ.get("HUB_DUCKDB_PATH", "data/hub.duckdb")))


class _DuckDB:
    def __init__(self, path: Path) -> None:
        self.name = str(path)
        if not path.exists():
            raise ReportError(
                f"There is no database {path}. Make one with 'make load build HUB=…', or set "
                "HUB_DUCKDB_PATH to one that is there."
            )
        try:
            self._connection = duckdb.connect(str(path), read_only=True)
        except duckdb.Error as error:
            raise ReportError(
                f"The database {path} cannot be opened for reading: {error}. If another program "
                "has it open for writing, wait for it or close it."
            ) from error
        # What a TIMESTAMPTZ means as a date must not depend on the machine.
        self._connection.execute("set TimeZone = 'UTC'")

    def tables(self, schema: str) -> set[str]:
        query = "select table_name from information_schema.tables where table_schema = ?"
        return {name for (name,) in self._connection.execute(query, [schema]).fetchall()}

    def read(self, sql: str) -> pa.Table:
        return self._connection.execute(sql).to_arrow_table()

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()


class _BigQuery:
    def __init__(self) -> None:
        # Slow to import, and of no use to who has no account.
        from google.auth.credentials import AnonymousCredentials
        from google.auth.exceptions import DefaultCredentialsError
        from google.cloud import bigquery

        project = os.environ.get("GOOGLE_CLOUD_PROJECT")
        if not project:
            raise ReportError(
                "--target bigquery needs a project: set GOOGLE_CLOUD_PROJECT to its id."
            )
        self.name = f"BigQuery project {project}"
        self._is_emulated = "BIGQUERY_EMULATOR_HOST" in os.environ  # read by Google's client
        try:
            self._client = bigquery.Client(
                project,
                credentials=AnonymousCredentials() if self._is_emulated else None,
                location=os.environ.get("GOOGLE_CLOUD_LOCATION", "EU"),
            )
        except DefaultCredentialsError as error:
            raise ReportError(
                "--target bigquery finds no credentials. On a machine of your own, run "
                "'gcloud auth application-default login'; in the cloud, give the job a service "
                "account; elsewhere, set GOOGLE_APPLICATION_CREDENTIALS."
            ) from error

    def tables(self, schema: str) -> set[str]:
        from google.api_core.exceptions import NotFound

        try:
            return {table.table_id for table in self._client.list_tables(schema)}
        except NotFound:
            return set()

    def read(self, sql: str) -> pa.Table:
        from google.api_core.exceptions import GoogleAPICallError

        try:
            rows = self._client.query_and_wait(sql)
            return rows.to_arrow(create_bqstorage_client=not self._is_emulated)
        except GoogleAPICallError as error:
            raise ReportError(f"{self.name} refused a query: {error.message}") from error

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()
