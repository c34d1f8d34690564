"""The sections of the benchmark. Each is a generator of runs, so that none waits for the next."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from loaders.hub.listing import HubListing
from loaders.hub.session import hub_session
from simulator import SAMPLE_DATE, SyntheticHub, serve
from tools.bench.archives import LAST as LAST_OF_ARCHIVE
from tools.bench.archives import write_archive
from tools.bench.history_scale import history_scale
from tools.bench.measure import Observatory, Usage, megabytes, python, timed
from tools.bench.run import Run

# Beside the listing that is measured, so that the other one is there and costs nothing.
FEW = 1_000
# What a Hub needs at a time: its pages as served, its landing zone and its database.
BYTES_A_REPOSITORY = 3_000
LAST = str(SAMPLE_DATE)


@dataclass(frozen=True)
class Sizes:
    """The sizes of the Hubs, and the number of months that are kept."""

    ingest: tuple[int, ...] = (50_000, 500_000, 3_000_000)
    datasets: tuple[int, ...] = (100_000, 1_000_000)
    archive: tuple[int, ...] = (1_000_000, 3_000_000)
    build: tuple[int, ...] = (500_000, 1_000_000, 3_000_000)
    whole: tuple[int, int] = (3_100_000, 1_000_000)  # models and datasets
    second_month: int = 3_000_000
    history: int = 300_000
    months: int = 24
    past: tuple[int, int] = (2_900_000, 1_000_000)  # models and datasets of the last listing
    past_months: int = 27
    naive: int = 20_000

    @classmethod
    def of(cls, models: list[int], months: int) -> "Sizes":
        """Other sizes of Hubs; the rest follows from the largest."""
        if not models:
            return cls(months=months)
        largest = max(models)
        return cls(
            ingest=tuple(models),
            datasets=(largest // 3,),
            archive=tuple(models),
            build=tuple(models),
            whole=(largest, largest // 3),
            second_month=largest,
            history=min(cls.history, largest),
            months=months,
            past=(largest, largest // 3),
            past_months=min(cls.past_months, months),
            naive=min(cls.naive, largest),
        )

    @property
    def room(self) -> int:
        """Bytes of disk that the largest section needs at a time."""
        largest = max(*self.ingest, *self.datasets, *self.build, sum(self.whole), self.second_month)
        # Of the past, files, landing zone and database; a month has three quarters of the last.
        past = 400 * sum(self.past) * self.past_months * 3 // 4
        return max(BYTES_A_REPOSITORY * largest, past)


def ingest(folder: Path, sizes: Sizes) -> Iterator[Run]:
    """Crawl and load, and beside it DuckDB reading the same pages."""
    for models in sizes.ingest:
        yield from _ingest(folder, "ingest", models, FEW)


def datasets(folder: Path, sizes: Sizes) -> Iterator[Run]:
    """The same, of datasets."""
    for count in sizes.datasets:
        yield from _ingest(folder, "datasets", FEW, count)


def _ingest(folder: Path, section: str, models: int, datasets: int) -> Iterator[Run]:
    """The pages are rendered beforehand, so that what is measured is the loader."""
    kind = "models" if section == "ingest" else "datasets"
    run = folder / section
    run.mkdir()
    database, landing = run / "hub.duckdb", run / "landing"
    hub = SyntheticHub(models=models, datasets=datasets)
    with serve(hub, page_cache=run / "pages") as endpoint:
        _render_all_pages(endpoint)
        usage = timed(
            python("loaders", "load", "--hub", endpoint),
            run / "load.log",
            HUB_DUCKDB_PATH=database,
            HUB_LANDING=landing,
        )
    rows, requests, rate_limited = _newest_snapshot(database, kind)
    if rows != (listed := models if kind == "models" else datasets):
        raise SystemExit(f"{rows:,} {kind} were loaded of {listed:,}")
    yield Run(
        section,
        f"load of {kind}",
        models,
        datasets,
        usage,
        bars="ingest" if kind == "models" else None,
        requests=requests,
        rate_limited=rate_limited,
        landed_megabytes=megabytes(landing),
        database_megabytes=megabytes(database),
    )
    if kind == "models":
        (snapshot,) = landing.glob("*/models/*/snapshot.json")
        read = timed(
            python("tools.bench.peers", "read_json", snapshot.parent, run), run / "peer.log"
        )
        yield Run(section, "limit: DuckDB reads the pages to parquet", models, 0, read)
    shutil.rmtree(run)


def archive(folder: Path, sizes: Sizes) -> Iterator[Run]:
    """An archive's file of models into ``hub_raw``, and beside it DuckDB reading the same."""
    for models in sizes.archive:
        run = folder / "archive"
        rows = write_archive(run, {"models": models}, [LAST_OF_ARCHIVE])["models"]
        database, landing = run / "hub.duckdb", run / "landing"
        usage = timed(
            python("loaders", "history", "--from", run, "--kind", "models"),
            run / "history.log",
            HUB_DUCKDB_PATH=database,
            HUB_LANDING=landing,
        )
        if (loaded := _newest_snapshot(database, "models")[0]) != rows:
            raise SystemExit(f"{loaded:,} models were loaded of {rows:,}")
        yield Run(
            *("archive", "archive to hub_raw", rows, 0, usage),
            bars="archive",
            landed_megabytes=megabytes(landing),
            database_megabytes=megabytes(database),
            bytes_a_row=megabytes(database) * 1e6 / rows,
        )
        (file,) = run.glob("models/*/models.parquet")
        read = timed(python("tools.bench.archives", file, run), run / "peer.log")
        yield Run("archive", "limit: DuckDB reads the needed columns", rows, 0, read)
        shutil.rmtree(run)


def _render_all_pages(endpoint: str) -> None:
    with hub_session():
        for kind in ("models", "datasets"):
            listing = HubListing(endpoint, kind)
            path: str | None = listing.first_path
            while path:
                path = listing.page(path).next_path


def _newest_snapshot(database: Path, kind: str) -> tuple[int, int, int]:
    """Its records, and the requests that it took: all, and those answered with 429."""
    with duckdb.connect(str(database), read_only=True) as connection:
        newest = connection.execute(
            "select records, requests, rate_limited from hub_raw.snapshots where kind = ?"
            " order by snapshot_date desc limit 1",
            [kind],
        ).fetchone()
    if newest is None:
        raise RuntimeError(f"{database} has no snapshot of {kind}")
    records, requests, rate_limited = newest
    return records, requests, rate_limited


def build(folder: Path, sizes: Sizes) -> Iterator[Run]:
    """``dbt build`` of one snapshot, and beside it the same statements without dbt."""
    with _observatory(folder, FEW, FEW) as observatory:
        observatory.load(LAST)
        yield _run("build", "limit: dbt build of next to nothing", observatory, observatory.build())
    for models in sizes.build:
        with _observatory(folder, models, FEW) as observatory:
            observatory.load(LAST)
            yield _run("build", "dbt build", observatory, observatory.build(), bars="build")
            plain = timed(
                python(
                    *("tools.bench.peers", "plain_sql"),
                    *(observatory.database, observatory.folder / "target"),
                ),
                observatory.folder / "peer.log",
            )
            yield Run("build", "limit: the models' SQL without dbt", models, FEW, plain)


def whole(folder: Path, sizes: Sizes) -> Iterator[Run]:
    """From the landing zone to the marts, as after a mistake in decoding."""
    with _observatory(folder, *sizes.whole) as observatory:
        observatory.land(LAST)
        loaded = observatory.load(LAST)
        yield _run("whole", "load from the landing zone", observatory, loaded)
        built = observatory.build()
        yield _run("whole", "dbt build", observatory, built)
        yield _run("whole", "landing zone to marts", observatory, loaded + built, bars="whole")


def second_month(folder: Path, sizes: Sizes) -> Iterator[Run]:
    """A month on top of the first, each from the landing zone to the marts."""
    dates = _month_dates(2)
    with _observatory(folder, sizes.second_month, FEW) as observatory:
        for date in dates:
            observatory.land(date)
        first = _run("second-month", "month 1", observatory, observatory.month(dates[0]))
        yield first
        second = observatory.month(dates[1])
        yield _run(
            "second-month",
            "month 2, against month 1",
            observatory,
            second,
            bars="month",
            ratio=second.seconds / first.usage.seconds,
        )


def history(folder: Path, sizes: Sizes) -> Iterator[Run]:
    """Month after month, each from the landing zone to the marts.

    The Hub grows meanwhile. So a late month is held against the very same month where only the
    one before it is kept: what differs is the history alone.
    """
    dates = _month_dates(sizes.months)
    hub = (sizes.history, sizes.history // 3)
    with _observatory(folder, *hub) as observatory:
        for date in dates:
            observatory.land(date)
    alone = {}
    for month in sorted({sizes.months // 2, sizes.months} - {0, 1, 2}):
        with _observatory(folder, *hub) as observatory:
            observatory.month(dates[month - 2])
            alone[month] = observatory.month(dates[month - 1])
            yield _run("history", f"month {month} with one before it", observatory, alone[month])
    with _observatory(folder, *hub) as observatory:
        for month, date in enumerate(dates, 1):
            name = f"month {month}"
            usage = observatory.month(date)
            if month in alone:
                name += ", against that"
                ratio = usage.seconds / alone[month].seconds
                yield _run("history", name, observatory, usage, bars="month", ratio=ratio)
            else:
                yield _run("history", name, observatory, usage, is_in_table=month <= 2)


def scale_of_history(folder: Path, sizes: Sizes) -> Iterator[Run]:
    """Years of listings from an archive, the build over them, and a month more."""
    past = dict(zip(("models", "datasets"), sizes.past, strict=True))
    yield from history_scale(folder / "history-scale", past, sizes.past_months)


def naive(folder: Path, sizes: Sizes) -> Iterator[Run]:
    """A loader of client objects, dictionaries and dlt, as one writes it first."""
    run = folder / "naive"
    run.mkdir()
    with serve(SyntheticHub(models=sizes.naive, datasets=FEW)) as endpoint:
        usage = timed(python("tools.bench.peers", "naive", endpoint, run), run / "peer.log")
    size = megabytes(run / "hub.duckdb")
    yield Run("naive", "a naive loader", sizes.naive, 0, usage, database_megabytes=size)
    shutil.rmtree(run)


def _observatory(folder: Path, models: int, datasets: int) -> AbstractContextManager[Observatory]:
    """A new database, removed at the end. The landing zone stays, for the sections to come."""
    return closing(
        Observatory(folder / "observatory", folder / "landing", models=models, datasets=datasets)
    )


def _run(section: str, name: str, observatory: Observatory, usage: Usage, **others: Any) -> Run:
    """A run of an observatory, with what its database says of it."""
    return Run(
        section,
        name,
        _newest_snapshot(observatory.database, "models")[0],
        _newest_snapshot(observatory.database, "datasets")[0],
        usage,
        database_megabytes=megabytes(observatory.database),
        slowest=observatory.slowest_nodes(),
        **others,
    )


def _month_dates(months: int) -> list[str]:
    """The snapshots of a number of months, the last on the sample date."""
    last = SAMPLE_DATE.year * 12 + SAMPLE_DATE.month - 1
    years = (divmod(month, 12) for month in range(last - months + 1, last + 1))
    return [str(SAMPLE_DATE.replace(year=year, month=month + 1)) for year, month in years]


SECTIONS = {
    "ingest": ingest,
    "datasets": datasets,
    "archive": archive,
    "build": build,
    "whole": whole,
    "second-month": second_month,
    "history": history,
    "history-scale": scale_of_history,
    "naive": naive,
}
