"""Destinations of a load: the embedded engine or the production engine."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
import duckdb
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

from loaders import google_cloud
from loaders.errors import LoaderError
from loaders.warehouse import duckdb_errors
from loaders.warehouse.schemas import SCHEMAS, schema, schema_prefix

DESTINATIONS = ("duckdb", "bigquery")


@dataclass(frozen=True)
class Destination:
    """A database, as dlt and as a person know it."""

    dlt: Any
    name: str  # for messages
    working_folder: Path  # dlt's own: beside the database, so that no two share a state
    is_read_only: bool
    is_missing: bool = False  # opened for reading, where there is no database yet
    project: google_cloud.Project | None = None  # on BigQuery


def destination(name: str, *, is_read_only: bool = False) -> Destination:
    """The destination of that name, one of ``DESTINATIONS``, as the environment sets it.

    Raises:
        LoaderError: something that it needs is missing; the message names it.
    """
    path = Path(os.environ.get("HUB_DUCKDB_PATH", "data/hub.duckdb"))
    if name == "bigquery":
        return _bigquery(path.parent, is_read_only)
    return _duckdb(path, is_read_only)


def _duckdb(path: Path, is_read_only: bool) -> Destination:
    # Each reference to it would be ambiguous.
    if path.stem in {schema(name) for name in SCHEMAS}:
        raise LoaderError(
            f"A database file cannot be called {path.name}: the name is that of a schema in it. "
            "Set HUB_DUCKDB_PATH to another name, such as data/hub.duckdb."
        )
    is_missing = is_read_only and not path.exists()
    try:
        if not is_read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                _make_database(path)
        if not is_missing:
            duckdb.connect(str(path), read_only=is_read_only).close()
    except (OSError, duckdb.Error) as error:
        told = duckdb_errors.explanation(error) or f"{error}."
        purpose = "reading" if is_read_only else "writing"
        raise LoaderError(f"The database {path} cannot be opened for {purpose}: {told}") from error
    credentials = DuckDbCredentials(str(path), read_only=is_read_only)
    # A second thread makes an insert of a million rows dearer by two fifths and larger by 140 MB.
    credentials.global_config = {"threads": 1, "memory_limit": "250MB"}
    # Else dlt looks for each of their settings at each step: a third of a small load.
    credentials.resolve()
    return Destination(
        dlt=dlt.destinations.duckdb(credentials=credentials, staging_config=None),
        name=_with_prefix(str(path)),
        working_folder=_working_folder(path.with_suffix("")),
        is_read_only=is_read_only,
        is_missing=is_missing,
    )


def _make_database(path: Path) -> None:
    """Make an empty database, whole or not at all: DuckDB opens none whose making was cut short."""
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    try:
        duckdb.connect(str(unfinished)).close()
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _with_prefix(name: str) -> str:
    prefix = schema_prefix()
    return f"{name}, schemas {prefix}…" if prefix else name


def _working_folder(database: Path) -> Path:
    """The folder of the schemas with one prefix alone: dlt notes in it what it has made of them."""
    prefix = schema_prefix()
    name = f"{database.name}.{prefix}.dlt" if prefix else f"{database.name}.dlt"
    return database.with_name(name).absolute()


def _bigquery(data_folder: Path, is_read_only: bool) -> Destination:
    try:
        project = google_cloud.project_of_the_environment()
        google_cloud.check_credentials()
    except google_cloud.NotUsableError as error:
        raise LoaderError(str(error)) from error
    return Destination(
        # Without credentials: dlt finds the application default by itself, and takes no other
        # class than a person's login from who hands it one.
        dlt=dlt.destinations.bigquery(
            project_id=project.id,
            location=project.location,
            retry_deadline=google_cloud.RETRY_SECONDS,
        ),
        name=_with_prefix(project.name),
        working_folder=_working_folder(data_folder / f"bigquery-{project.id}"),
        is_read_only=is_read_only,
        project=project,
    )
