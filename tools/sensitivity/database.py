"""A built DuckDB database, and copies of it: it is only read."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import yaml

from loaders.warehouse import duckdb_errors, schemas
from tools.sensitivity.choices import HEADLINES, SensitivityError

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Row:
    """A complete month of a mart in one population; ``values`` by reading, None if not shown."""

    month: date
    population: str
    is_headline: bool
    observation_status: str
    values: Mapping[str, float | None]


Rows = Mapping[str, Sequence[Row]]  # by the headline's name, the oldest month first


def method_version() -> str:
    """The version of docs/methodology.md that this code follows."""
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    return str(project["vars"]["method_version"])


def read(database: Path) -> Rows:
    """The complete months of every headline.

    Raises:
        SensitivityError: it cannot be read, or is not built by this version of the method.
    """
    rows = {}
    for headline in HEADLINES:
        answer = _query(
            database,
            f"""
            select
                method_version,
                month,
                population,
                is_headline,
                observation_status,
                {", ".join(headline.readings.values())}
            from marts.{headline.mart}
            where scope = 'all' and is_complete_month
            order by month
            """,
        )
        if others := {version for version, *_ in answer} - {method_version()}:
            raise SensitivityError(
                f"{database} was built by method {', '.join(sorted(others))}, and this is "
                f"{method_version()}. Build it anew with 'make build'."
            )
        rows[headline.name] = [
            Row(
                month,
                population,
                is_headline,
                status,
                dict(zip(headline.readings, values, strict=True)),
            )
            for _, month, population, is_headline, status, *values in answer
        ]
    return rows


def records(database: Path) -> str:
    """Say which records its newest snapshot of models holds."""
    ((day, is_synthetic, is_complete),) = _query(
        database,
        "select snapshot_date, is_synthetic, is_complete from intermediate.int_snapshots "
        "where kind = 'models' and is_newest",
    )
    if is_synthetic:
        return f"a made-up Hub as of {day}"
    return f"{'the whole listing' if is_complete else 'a part of a listing'} as of {day}"


def copy(database: Path, folder: Path) -> Path:
    """A copy in a folder, of the same name: by it views call their own database.

    Raises:
        SensitivityError: it cannot be copied; the message says why.
    """
    log = database.with_name(f"{database.name}.wal")  # what the file does not hold yet
    try:
        folder.mkdir(exist_ok=True)
        shutil.copyfile(database, folder / database.name)
        if log.exists():
            shutil.copyfile(log, folder / log.name)
    except OSError as error:
        raise SensitivityError(
            f"{database} cannot be copied to {folder}: {error.strerror}. Set TMPDIR to a folder "
            "that has room for two copies of it."
        ) from error
    return folder / database.name


def _query(database: Path, sql: str) -> list[tuple[Any, ...]]:
    if not database.exists():
        raise SensitivityError(
            f"There is no database {database}. Make one with 'make load build', or name another "
            "with --database or HUB_DUCKDB_PATH."
        )
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            return connection.execute(schemas.with_prefix(sql)).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        reason = str(error).partition("\n")[0]
        raise SensitivityError(
            f"{database} is not built, or by another version of the code: {reason} Run "
            "'make build'."
        ) from error
    except duckdb.Error as error:
        reason = duckdb_errors.explanation(error) or str(error)
        raise SensitivityError(f"{database} cannot be read: {reason}") from error
