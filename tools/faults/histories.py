"""Archives that are read on a bad day, or by runs that are killed, held against a good day."""

import random
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from loaders.archive import parquet_file
from loaders.archive.columns import needed_columns
from loaders.archive.hub_archive import HubArchive
from loaders.archive.land import describe, land
from loaders.errors import LoaderError
from loaders.hub.repository import HubReader
from loaders.hub.session import hub_session
from loaders.landing.landed_file import LandedFile
from simulator import Fault, LocalHubServer, SyntheticHub
from simulator.dataset_repository import Commit, DatasetRepository
from simulator.files import StoredFile
from tests.faulty_hub import FILES, RandomFaults
from tests.loaders.archives import listing, parquet
from tests.warehouse.parity import build_differences
from tools.faults.kills import Place, Report, Step

NAME = "someone/weekly"
FROM = f"hf://datasets/{NAME}"
WEEKS = ("2026-06-03", "2026-07-01")
ROWS = 600
ROWS_A_PART = 100
# As for the crawls: a fault costs milliseconds here, and seconds on the real Hub.
TIMEOUT, STALL, LONGEST_WAIT, RETRIES, MOST_RUNS = 0.5, 0.8, 0.01, 2, 60
HUB = SyntheticHub(models=10, datasets=10)


class _StoredBytes(NamedTuple):
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self, start: int, end: int) -> bytes:
        return self.content[start:end]


class Outcome(NamedTuple):
    """One reading of an archive's file through faults.

    Attributes:
        faults: how many were injected.
        runs: how many it took.
        problem: what was lost or doubled; empty for nothing.
    """

    faults: int
    runs: int
    problem: str


def _file(week: str) -> bytes:
    """Make a file whose unneeded columns are most of it, so that its parts lie apart."""
    chance = random.Random(week)
    rows = [
        row | {"cardData": chance.randbytes(1_500).hex()}
        for row in listing(week, range(1, ROWS + 1))
    ]
    return parquet(rows, row_group_size=ROWS // 3)


def _repository() -> DatasetRepository:
    commits = []
    for week in WEEKS:
        files: dict[str, StoredFile] = {f"models/{week}/models.parquet": _StoredBytes(_file(week))}
        day = datetime.fromisoformat(f"{week}T05:00:00").replace(tzinfo=UTC)
        commits.append(Commit(day, week, files))
    return DatasetRepository(NAME, commits)


def read_all(seeds: Sequence[int], rate: float) -> list[Outcome]:
    """Read a file through faults, once for each seed, until it is whole."""
    repository = _repository()
    expected = pq.read_table(pa.BufferReader(_file(WEEKS[0])))
    parquet_file.ROWS_A_BATCH = ROWS_A_PART
    with tempfile.TemporaryDirectory() as folder:
        return [
            _read(repository, Path(folder) / str(seed), seed, rate, expected)
            for seed in tqdm(seeds, "faulted downloads", disable=None)
        ]


def _read(
    repository: DatasetRepository, root: Path, seed: int, rate: float, expected: pa.Table
) -> Outcome:
    faults = RandomFaults(seed, rate, stall_seconds=STALL, kinds=FILES)
    with LocalHubServer(HUB, repositories={NAME: repository}, fault=faults) as server:
        for run in range(1, MOST_RUNS + 1):
            try:
                landed = _land(server.endpoint, root)
            except LoaderError as error:
                problem = str(error)
                continue
            parts = [pq.read_table(pa.BufferReader(body)) for _, body in landed.bodies()]
            found = pa.concat_tables(parts)
            columns = found.column_names
            is_same = "cardData" not in columns and found.equals(expected.select(columns))
            problem = "" if is_same else f"seed {seed}: the rows differ from those of a good day"
            return Outcome(len(faults.injected), run, problem)
    return Outcome(len(faults.injected), MOST_RUNS, f"seed {seed}: it did not end: {problem}")


def _land(endpoint: str, root: Path) -> LandedFile:
    with hub_session(timeout=TIMEOUT):
        hub = HubReader(endpoint, retries=RETRIES, longest_wait=LONGEST_WAIT)
        archive = HubArchive(FROM, "weekly", hub)
        file = archive.files("models")[0]
        landed = LandedFile(str(root), "hub", "models", file.snapshot_date)
        content = archive.open(file)
        read = parquet_file.ParquetFile(content, str(file))
        columns = needed_columns(read.schema, "models", str(file))
        facts = describe(archive, file, read, columns)
        land(content, read, facts, landed, "hub", lambda: None)
    return landed


def kill_histories(folder: Path, kills: int, seed: int) -> Report:
    """Kill runs of ``history`` at random, and hold the tables against an undisturbed run's."""
    chance, report = random.Random(seed), Report()
    stalled = Fault(stall_seconds=0.1)  # so that kills meet the reading as well
    with (
        LocalHubServer(
            HUB, repositories={NAME: _repository()}, fault=lambda number, target: stalled
        ) as server,
        tqdm(desc="killed histories", total=kills, disable=None) as progress,
    ):
        steps = [Step("history", ("--hub", server.endpoint, "--from", FROM))]
        undisturbed = Place(folder / "undisturbed-history")
        undisturbed.run(steps)
        started = datetime.now(UTC)
        Place(folder / "timed-history").run(steps)
        seconds = (datetime.now(UTC) - started).total_seconds()
        expected = undisturbed.tables("hub_raw")
        number = 0
        while report.kills.total() < kills:
            place, number = Place(folder / f"killed-history-{number}"), number + 1
            try:
                for _ in range(chance.randint(1, 4)):
                    if place.run(steps, chance.uniform(0, seconds)):
                        report.kills["history"] += 1
                        progress.update()
                place.run(steps)
            except RuntimeError as error:
                report.problems.append(str(error))
                return report
            report.problems += build_differences(expected, place.tables("hub_raw"))
    return report


def table(outcomes: Sequence[Outcome]) -> str:
    """Sum the faulted downloads up, as Markdown."""
    lost = sum(bool(outcome.problem) for outcome in outcomes)
    return "\n".join(
        [
            "| files read | faults | runs | not as on a good day |",
            "|---:|---:|---:|---:|",
            f"| {len(outcomes)} | {sum(outcome.faults for outcome in outcomes):,} "
            f"| {sum(outcome.runs for outcome in outcomes):,} | {lost} |",
        ]
    )
