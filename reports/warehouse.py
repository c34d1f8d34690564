"""The two engines as a report sees them: names of tables, and queries."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from loaders import google_cloud
from loaders.warehouse import schemas
from reports.errors import ReportError

TARGETS = ("duckdb", "bigquery")


class Warehouse(Protocol):
    """The warehouse that holds the marts. A context manager; nothing is ever written to it."""

    name: str  # for messages
    short_name: str  # for a folder

    def tables(self, schema: str) -> set[str]:
        """Names of the tables and views in a schema; none where there is no such schema.

        Here and in queries, schemas go by their names without the prefix of this observatory.
        """

    def read(self, sql: str) -> pa.Table:
        """The answer to a query that both engines understand."""

    def close(self) -> None:
        """Let go of it, so that others may open it."""

    def __enter__(self) -> "Warehouse": ...

    def __exit__(self, *error: object) -> None: ...


def open_warehouse(target: str) -> Warehouse:
    """The warehouse of a target, one of ``TARGETS``, as the environment sets it.

    Raises:
        ReportError: it is not there or cannot be opened; the message says why.
    """
    if target == "bigquery":
        return _BigQuery()
    return _DuckDB(_database())


def short_name(target: str) -> str:
    """The warehouse's name for a folder, as far as the environment tells it.

    Raises:
        ReportError: a project of Google Cloud is needed, and none is set.
    """
    if target == "bigquery":
        with _explained("BigQuery"):
            name = google_cloud.project_of_the_environment().id
    else:
        name = _database().stem
    return f"{schemas.schema_prefix()}{name}"


def _database() -> Path:
    return Path(os.environ.get("HUB_DUCKDB_PATH", "data/hub.duckdb"))


def _built_by_another_version(name: str, error: Exception) -> ReportError:
    reason = str(error).partition("\n")[0]
    return ReportError(
        f"The tables in {name} were built by another version of the code: {reason} Build them "
        "anew with 'dbt build --full-refresh', then make the report again."
    )


class _DuckDB:
    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self.short_name = short_name("duckdb")
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
        return {
            name for (name,) in self._connection.execute(query, [schemas.schema(schema)]).fetchall()
        }

    def read(self, sql: str) -> pa.Table:
        try:
            return self._connection.execute(schemas.with_prefix(sql)).to_arrow_table()
        except (duckdb.BinderException, duckdb.CatalogException) as error:
            raise _built_by_another_version(self.name, error) from error
        except duckdb.Error as error:
            raise ReportError(f"The database {self.name} cannot be read: {error}") from error

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class _BigQuery:
    def __init__(self) -> None:
        with _explained("BigQuery"):
            self._project = google_cloud.project_of_the_environment()
            google_cloud.check_credentials()
        # Slow to import, and of no use to who has no account.
        from google.cloud import bigquery

        self.name = self._project.name
        self.short_name = short_name("bigquery")
        # An emulator, whose address Google's client reads there, has no second way to give rows.
        self._is_emulated = "BIGQUERY_EMULATOR_HOST" in os.environ
        with _explained(self.name):
            self._client = bigquery.Client(self._project.id, location=self._project.location)

    def tables(self, schema: str) -> set[str]:
        with _explained(self.name):
            schema = schemas.schema(schema)
            if not google_cloud.has_dataset(self._client, schema, self._project):
                return set()
            retry = google_cloud.retries()["retry"]
            return {table.table_id for table in self._client.list_tables(schema, retry=retry)}

    def read(self, sql: str) -> pa.Table:
        with _explained(self.name):
            rows = self._client.query_and_wait(schemas.with_prefix(sql), **google_cloud.retries())
            return rows.to_arrow(create_bqstorage_client=not self._is_emulated)

    def close(self) -> None:
        self._client.close()  # type: ignore[no-untyped-call]

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Tell an error of Google's in one line, with what to do."""
    try:
        yield
    except google_cloud.NotUsableError as error:
        raise ReportError(str(error)) from error
    except Exception as error:
        if "Unrecognized name" in str(error):  # a column that the tables lack
            raise _built_by_another_version(name, error) from error
        if explained := google_cloud.explanation(error):
            raise ReportError(f"{name}: {explained}") from error
        raise
