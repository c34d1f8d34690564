"""The section of the past: years of listings from an archive, the build over them, a month more."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

from tools.bench.archives import month_dates, write_archive
from tools.bench.measure import (
    DBT,
    ROOT,
    Usage,
    dbt_options,
    megabytes,
    python,
    slowest_nodes,
    timed,
)
from tools.bench.run import Run


class _Place:
    """A database and a landing zone, filled from an archive alone."""

    def __init__(self, folder: Path, archive: Path) -> None:
        self.folder = folder
        self._archive = archive
        self.database, self.landing = folder / "hub.duckdb", folder / "landing"
        folder.mkdir(parents=True)
        shutil.copy(ROOT / "profiles.example.yml", folder / "profiles.yml")

    def history(self, until: date, since: date | None = None, kind: str | None = None) -> Usage:
        """Load the listings of some months."""
        options: list[object] = ["--from", self._archive, "--until", until]
        if since is not None:
            options += ["--since", since]
        if kind is not None:
            options += ["--kind", kind]
        return timed(
            python("loaders", "history", *options),
            self.folder / "history.log",
            HUB_DUCKDB_PATH=self.database,
            HUB_LANDING=self.landing,
        )

    def build(self) -> Usage:
        """Build all models and test their data, as ``make build`` does."""
        shutil.rmtree(self.folder / "target", ignore_errors=True)
        return timed(
            [
                *(DBT, "build", "--exclude-resource-type", "unit_test"),
                *dbt_options("duckdb", self.folder),
            ],
            self.folder / "build.log",
            HUB_DUCKDB_PATH=self.database,
        )

    def rows(self, table: str) -> int:
        """Count the rows of a table in the database."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            ((rows,),) = connection.execute(f"select count(*) from {table}").fetchall()
        return int(rows)

    def run(self, name: str, listed: tuple[int, int], usage: Usage, bars: str | None = None) -> Run:
        """Describe a step of so many models and datasets, with what the database says of it."""
        return Run(
            "history-scale",
            name,
            *listed,
            usage,
            bars,
            database_megabytes=megabytes(self.database),
            slowest=slowest_nodes(self.folder / "target"),
        )


def history_scale(folder: Path, sizes: dict[str, int], months: int) -> Iterator[Run]:
    """Load months of an archive, build over all of them, and then the next month.

    The next month is held against the same month where only the one before it is kept.

    Args:
        folder: for the archive and the databases.
        sizes: by kind, how many repositories the last listing has.
        months: how many are loaded before the next.
    """
    days = month_dates(months + 1)
    archive = folder / "archive"
    write_archive(archive, sizes, days)
    # Any day of a month would do: a file counts for its month.
    until, next_month = days[-2] + timedelta(7), days[-1]
    place = _Place(folder / "past", archive)
    listed = {}
    for kind in sizes:
        before = megabytes(place.database) if place.database.exists() else 0
        usage = place.history(until, kind=kind)
        listed[kind] = rows = place.rows(f"hub_raw.{kind}")
        counts, bars = ((rows, 0), "past") if kind == "models" else ((0, rows), None)
        yield replace(
            place.run(f"{months} months of {kind}", counts, usage, bars),
            landed_megabytes=sum(megabytes(path) for path in place.landing.glob(f"*/{kind}")),
            bytes_a_row=(megabytes(place.database) - before) * 1e6 / rows,
        )
    all_listed = (listed["models"], listed["datasets"])
    yield place.run(f"build of {months} months", all_listed, place.build(), "past build")

    alone = _Place(folder / "alone", archive)
    alone.history(until, since=days[-2])
    alone.build()
    newest = (sizes["models"], sizes["datasets"])
    few = alone.history(next_month, since=next_month) + alone.build()
    yield alone.run("the next month with one before it", newest, few)
    shutil.rmtree(alone.folder)
    many = place.history(next_month, since=next_month) + place.build()
    ratio = many.seconds / few.seconds
    yield replace(place.run("the next month, against that", newest, many, "month"), ratio=ratio)
    shutil.rmtree(place.folder)
    shutil.rmtree(archive)
