"""Crawls of a Hub on a bad day, held against one of the same Hub on a good day."""

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date, timedelta
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import duckdb
from tqdm import tqdm

from loaders.errors import LoaderError
from loaders.hub.listing import HubListing
from loaders.hub.session import hub_session
from loaders.landing.landed_crawl import LandedCrawl
from loaders.load.crawl import crawl
from loaders.warehouse import raw_schema
from loaders.warehouse.decoding import SnapshotDecoder
from loaders.warehouse.destinations import destination
from loaders.warehouse.raw_tables import RawTables
from loaders.warehouse.snapshots import Origin
from simulator import Fault, LocalHubServer, SyntheticHub
from tests.changing_hub import ChangingHub
from tests.faulty_hub import LASTING, TRANSIENT, LastingFault, RandomFaults
from tests.warehouse.builds import Rows, rows
from tests.warehouse.parity import differences
from tools.faults.outcomes import CHANGING, FaultCounts, Outcome

# Three pages of each kind, the last of them not full.
HUB = SyntheticHub(models=130, datasets=110)
PAGE_SIZE = 50
KINDS = ("models", "datasets")
FIRST_DATE = HUB.as_of + timedelta(1)

# So that a fault costs milliseconds here: a loader on the real Hub waits for seconds and minutes.
TIMEOUT = 0.5
STALL = 0.8
LONGEST_WAIT = 0.01
RETRIES = 2
MOST_RUNS = 30
WORKERS = 2 * (os.cpu_count() or 1)  # a faulted crawl waits more than it works

_MOVING = {"downloads", "last_modified"}  # in a Hub that changes
_OF_THE_LOAD = {
    *("snapshot_date", "requests", "rate_limited", "bytes"),
    *("crawl_started_at", "crawl_finished_at", "loaded_at"),
}


class _Landed(NamedTuple):
    """The records of a complete crawl as rows, and how many of them came again."""

    rows: Rows
    doubled: int


class Crawls:
    """Faulted crawls, each determined by its seed, into one folder and one database.

    Args:
        folder: must be empty; the environment names its database from now on.
        rate: the part of the answers that go wrong.
    """

    def __init__(self, folder: Path, rate: float) -> None:
        self._folder = folder
        self._rate = rate
        self._dates = (FIRST_DATE + timedelta(days) for days in range(1, 100_000))
        os.environ["HUB_DUCKDB_PATH"] = str(folder / "hub.duckdb")

    def run(
        self,
        seed: int,
        kinds: Sequence[str] = TRANSIENT,
        *,
        lasting: str | None = None,
        is_changing: bool = False,
        is_loaded: bool = False,
    ) -> Outcome:
        """Crawl until it is done, however many runs that takes.

        Args:
            seed: of the faults.
            kinds: those that may happen.
            lasting: a fault that must be refused first, for as long as it lasts.
            is_changing: whether the Hub changes while it is listed.
            is_loaded: whether the tables are looked at as well.
        """
        outcome = Outcome(seed, is_loaded)
        hub = ChangingHub(HUB, seed)
        faults = RandomFaults(seed, self._rate, stall_seconds=STALL, kinds=kinds)
        fault: list[Callable[[int, str], Fault]] = [LastingFault(lasting) if lasting else faults]
        snapshot_date = next(self._dates) if is_loaded or lasting else FIRST_DATE
        landing = self._folder / f"landing-{seed}"
        with LocalHubServer(
            hub if is_changing else HUB,
            fault=lambda number, target: fault[0](number, target),
        ) as server:
            if lasting:
                self._refuse(server, landing, snapshot_date, lasting, outcome)
                fault[0] = faults
            while _crawl(server, landing, snapshot_date, faults, outcome):
                if outcome.runs == MOST_RUNS:
                    outcome.problems.append(f"not done after {MOST_RUNS} runs")
                    return outcome
        if is_changing:
            outcome.counts[CHANGING] += FaultCounts(injected=1, survived=1)
        comparison = _Comparison(hub if is_changing else None)
        for kind in KINDS:
            found = _landed(LandedCrawl(str(landing), "hub", kind, snapshot_date))
            self._compare_landed(outcome, self._expected[kind], found, comparison)
        if is_loaded:
            self._compare_tables(outcome, landing, snapshot_date, comparison)
        shutil.rmtree(landing)
        return outcome

    def _compare_landed(
        self, outcome: Outcome, expected: _Landed, found: _Landed, comparison: "_Comparison"
    ) -> None:
        want, have = comparison.rows(expected.rows), comparison.rows(found.rows)
        outcome.problems += [f"landed: {difference}" for difference in differences(want, have)[:3]]
        ids = [{row["_id"] for row in side} for side in (want, have)]
        lost, doubled = len(ids[0] - ids[1]), found.doubled - expected.doubled
        if doubled:
            outcome.problems.append(f"landed: {doubled} records came again")
        for counts in outcome.counts.values():
            counts.lost += lost
            counts.doubled += doubled

    def _compare_tables(
        self, outcome: Outcome, landing: Path, snapshot_date: date, comparison: "_Comparison"
    ) -> None:
        expected = self._expected_tables
        self._load(landing, snapshot_date)
        for table in KINDS if comparison.is_changing else (*KINDS, "rejects", "snapshots"):
            found = self._table(table, snapshot_date)
            outcome.problems += [
                f"hub_raw.{table}: {difference}"
                for difference in differences(
                    comparison.rows(expected[table]), comparison.rows(found)
                )[:3]
            ]

    def _refuse(
        self,
        server: LocalHubServer,
        landing: Path,
        snapshot_date: date,
        lasting: str,
        outcome: Outcome,
    ) -> None:
        """Crawl and load a Hub that is broken for good: it must be refused, and nothing change."""
        _ = self._expected_tables
        before = self._tables()
        told = _crawl(server, landing, snapshot_date, None, outcome)
        if not told:
            try:
                self._load(landing, snapshot_date)
            except LoaderError as error:
                told = [str(error)]
                for kind in KINDS:  # as the message says: --refetch
                    LandedCrawl(str(landing), "hub", kind, snapshot_date).remove()
        outcome.counts[f"for good: {lasting}"] += FaultCounts(injected=1, refused=bool(told))
        if not told:
            outcome.problems.append(f"{lasting} was not refused")
        if self._tables() != before:
            outcome.problems.append(f"{lasting} changed what was loaded before")

    @cached_property
    def _undisturbed(self) -> Path:
        """The landing zone of an undisturbed crawl."""
        landing = self._folder / "undisturbed"
        with LocalHubServer(HUB) as server:
            told = _crawl(server, landing, FIRST_DATE, None, Outcome(0, False))
        if told:
            raise RuntimeError(f"the undisturbed crawl failed: {told}")
        return landing

    @cached_property
    def _expected(self) -> dict[str, _Landed]:
        return {
            kind: _landed(LandedCrawl(str(self._undisturbed), "hub", kind, FIRST_DATE))
            for kind in KINDS
        }

    @cached_property
    def _expected_tables(self) -> dict[str, Rows]:
        """The rows that its load left, beside which the other loads come to stand."""
        self._load(self._undisturbed, FIRST_DATE)
        return self._tables()

    def _load(self, landing: Path, snapshot_date: date) -> None:
        warehouse = RawTables(destination("duckdb"))
        for kind in KINDS:
            landed = LandedCrawl(str(landing), "hub", kind, snapshot_date)
            decoder = SnapshotDecoder(kind, snapshot_date)
            warehouse.load(landed, decoder, Origin("hub", is_synthetic=True))

    def _table(self, table: str, snapshot_date: date) -> Rows:
        relation = f"hub_raw.{table} where snapshot_date = date '{snapshot_date}'"
        with duckdb.connect(os.environ["HUB_DUCKDB_PATH"], read_only=True) as connection:
            return rows(connection, relation)

    def _tables(self) -> dict[str, Rows]:
        with duckdb.connect(os.environ["HUB_DUCKDB_PATH"], read_only=True) as connection:
            return {table: rows(connection, f"hub_raw.{table}") for table in raw_schema.TABLES}


def _crawl(
    server: LocalHubServer,
    landing: Path,
    snapshot_date: date,
    faults: RandomFaults | None,
    outcome: Outcome,
) -> list[str]:
    """One run, models and datasets side by side; gives why it did not get to the end."""
    outcome.runs += 1
    before = len(faults.injected) if faults else 0
    told: list[str] = []
    given_up: set[str] = set()

    def walk(kind: str) -> None:
        listing = HubListing(
            server.endpoint,
            kind,
            page_size=PAGE_SIZE,
            retries=RETRIES,
            longest_wait=LONGEST_WAIT,
        )
        landed = LandedCrawl(str(landing), "hub", kind, snapshot_date)
        try:
            crawl(listing, landed, "hub")
        except LoaderError as error:
            told.append(str(error))
            given_up.add(landed.next_path or listing.first_path)

    with hub_session(timeout=TIMEOUT, quota_share=1.0), ThreadPoolExecutor() as crawls:
        list(crawls.map(walk, KINDS))
    for target, kind in faults.injected[before:] if faults else []:
        is_given_up = target in given_up
        outcome.counts[kind] += FaultCounts(1, survived=not is_given_up, another_run=is_given_up)
    return told


def _landed(landed: LandedCrawl) -> _Landed:
    decoder = SnapshotDecoder(landed.kind, landed.snapshot_date)
    records = [
        row
        for number, body in landed.bodies()
        for row in decoder.decode(number, body)[0].to_pylist()
    ]
    return _Landed(records, decoder.rejects["duplicate"])


class _Comparison:
    """The rows and columns that a crawl must give as an undisturbed one does.

    Args:
        changing: the Hub, where it changed while it was listed.
    """

    def __init__(self, changing: ChangingHub | None) -> None:
        self.is_changing = changing is not None
        self._changing = changing
        self._left_out = _OF_THE_LOAD | (_MOVING if changing else set())

    def rows(self, records: Rows) -> Rows:
        """Leave out what comes or goes, and what moves."""
        return [
            {name: value for name, value in row.items() if name not in self._left_out}
            for row in records
            if self._changing is None or not self._changing.comes_or_goes(row["_id"])
        ]


def crawl_all(folder: Path, seeds: Sequence[int], rate: float) -> list[Outcome]:
    """A crawl for each seed: one in four of a Hub that changes, one in twenty broken for good."""
    with ProcessPoolExecutor(
        WORKERS, get_context("forkserver"), initializer=_begin, initargs=(folder, rate)
    ) as pool:
        return list(tqdm(pool.map(_run, seeds), "crawls", len(seeds), disable=None))


_crawls: Crawls  # of a worker


def _begin(folder: Path, rate: float) -> None:
    global _crawls
    logging.disable(logging.CRITICAL)  # of what each try said
    _crawls = Crawls(Path(tempfile.mkdtemp(dir=folder)), rate)


def _run(seed: int) -> Outcome:
    return _crawls.run(seed, **_chosen(seed))


def _chosen(seed: int) -> dict[str, Any]:
    random = Random(seed)
    return {
        "is_changing": random.random() < 0.25,
        "lasting": random.choice(LASTING) if random.random() < 0.05 else None,
        "is_loaded": random.random() < 0.05,
    }
