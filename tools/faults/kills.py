"""Real processes, killed at random instants and run again, held against undisturbed ones.

A process is forked from one that has imported everything, and not started anew: that is real
enough to be killed, and saves the seconds in which Python imports and nothing can be lost.
"""

import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import NamedTuple

import duckdb
from tqdm import tqdm

from simulator import Fault, LocalHubServer, SyntheticHub
from tests.forked import processes
from tests.warehouse import builds
from tests.warehouse.builds import Rows, rows
from tests.warehouse.parity import build_differences

# Two pages of each kind. Its dates lie behind us on any machine, as those of a load must.
HUB = SyntheticHub(models=3_700, datasets=8_000, as_of=date(2024, 6, 30))
FIRST_DATE = HUB.as_of + timedelta(1)
SECONDS_A_PAGE = 0.4  # so that kills meet the crawl as well

_TIMES = "exclude (crawl_started_at, crawl_finished_at, loaded_at)"


class Step(NamedTuple):
    """One command of a run: ``load`` of the loaders, ``build`` of dbt, or ``report``."""

    name: str
    arguments: Sequence[str]


@dataclass
class Report:
    """The results of the kills.

    Attributes:
        kills: by what was going on.
        problems: runs that failed afterwards, and tables that differed.
    """

    kills: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def __add__(self, other: "Report") -> "Report":
        return Report(self.kills + other.kills, self.problems + other.problems)


class Place:
    """A database with its landing zone, dlt's and dbt's folders, and the runs in it.

    Args:
        folder: where all of it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(builds.ROOT / "profiles.example.yml", folder / "profiles.yml")
        self._environment = {
            "HUB_DUCKDB_PATH": str(folder / "hub.duckdb"),
            "HUB_LANDING": str(folder / "landing"),
            "DBT_TARGET_PATH": str(folder / "target"),
            "GOOGLE_CLOUD_PROJECT": "unused",
            **builds.QUIET,
        }
        self._log = folder / "log"

    def run(
        self,
        steps: Sequence[Step],
        kill_after: float | None = None,
        *,
        around: Callable[[int], AbstractContextManager[None]] | None = None,
        may_be_killed: bool = False,
    ) -> str | None:
        """Run the steps; gives what was going on when they were killed, None if they ended.

        Args:
            steps: one after the other.
            kill_after: seconds from the start until the process group is killed.
            around: entered, with its PID, before a step's process does anything.
            may_be_killed: whether somebody else may kill it.

        Raises:
            RuntimeError: a step failed by itself; the message holds what it said.
        """
        until = None if kill_after is None else time.monotonic() + kill_after
        for step in steps:
            self._log.write_bytes(b"")
            gate, opener = processes.Pipe(duplex=False)
            process = processes.Process(
                target=_work, args=(step, self._environment, str(self._log), gate)
            )
            process.start()
            assert process.pid is not None
            with nullcontext() if around is None else around(process.pid):
                opener.send_bytes(b"go")
                process.join(None if until is None else max(0.0, until - time.monotonic()))
            if process.exitcode is None:
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:  # it is so young that it has no group yet
                    process.kill()
                process.join()
                return self._stage(step)
            if may_be_killed and process.exitcode == -signal.SIGKILL:
                return self._stage(step)
            if process.exitcode != 0:
                said = self._log.read_text()[-3000:]
                raise RuntimeError(f"{step.name} {' '.join(step.arguments)} failed:\n{said}")
        return None

    def _stage(self, step: Step) -> str:
        if step.name != "load":
            return f"dbt {step.name}" if step.name == "build" else step.name
        if self._log.read_text().count("crawling ") < 2 and not self._is_landed(step):
            return "crawl"
        for pipeline in (self.folder / "hub.dlt").glob("*"):
            if any((pipeline / "load" / "normalized").glob("*")):
                return "load"
            if any((pipeline / "load" / "new").glob("*")):
                return "normalise"
        return "extract"

    def _is_landed(self, step: Step) -> bool:
        of_date = step.arguments[step.arguments.index("--snapshot-date") + 1]
        return len(list((self.folder / "landing").glob(f"*/*/{of_date}/snapshot.json"))) == 2

    def tables(self, *schemas: str) -> dict[str, Rows]:
        """Every table of some schemas, less the times of ``hub_raw.snapshots``."""
        with self._connected() as connection:
            names = connection.execute(
                "select table_schema || '.' || table_name from information_schema.tables"
                " where table_schema in ? and not starts_with(table_name, '_dlt') order by 1",
                [schemas],
            ).fetchall()
            return {
                name: rows(connection, name)
                if name != "hub_raw.snapshots"
                else rows(connection, f"(select * {_TIMES} from {name})")
                for (name,) in names
            }

    def snapshot(self, snapshot_date: date) -> dict[str, Rows]:
        """The rows that ``hub_raw`` holds of one date, less the date."""
        with self._connected() as connection:
            return {
                table: rows(
                    connection,
                    f"(select * exclude (snapshot_date) from (select * {times} from hub_raw.{table}"
                    f" where snapshot_date = date '{snapshot_date}'))",
                )
                for table, times in (
                    ("models", ""),
                    ("datasets", ""),
                    ("rejects", ""),
                    ("snapshots", _TIMES),
                )
            }

    def _connected(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(self.folder / "hub.duckdb"), read_only=True)
        connection.execute("set TimeZone = 'UTC'")
        return connection


def _work(step: Step, environment: dict[str, str], log: str, gate: Connection) -> None:
    gate.recv_bytes()
    os.setsid()  # a group of its own, with whatever it starts
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(output, sys.stdout.fileno())
    os.dup2(output, sys.stderr.fileno())
    if step.name == "load":
        from loaders import clock
        from loaders.cli import main

        # A Hub at an address is crawled on the snapshot date only.
        day = step.arguments[step.arguments.index("--snapshot-date") + 1]
        noon = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        clock.now = lambda: noon
        sys.exit(main(["load", *step.arguments]))
    if step.name == "history":
        from loaders.archive import parquet_file
        from loaders.cli import main

        parquet_file.ROWS_A_BATCH = 100  # so that there are parts to be killed between
        sys.exit(main(["history", *step.arguments]))
    if step.name == "report":
        from reports.cli import main

        sys.exit(main(step.arguments))
    from dbt.cli.main import dbtRunner

    sys.exit(not dbtRunner().invoke(["build", *step.arguments]).success)


def kill_loads(folder: Path, kills: int, seed: int) -> Report:
    """Kill loads of one date after the other, each one to three times before it is let through.

    Some of them replace a snapshot that was loaded before. The snapshots of all dates must be
    as an undisturbed load left them, in the end as well as after each load.
    """
    random, report = Random(seed), Report()
    undisturbed, place = Place(folder / "undisturbed"), Place(folder / "killed")
    with (
        LocalHubServer(HUB, fault=lambda n, t: Fault(stall_seconds=SECONDS_A_PAGE)) as server,
        tqdm(desc="killed loads", total=kills, disable=None) as progress,
    ):

        def load(snapshot_date: date, *options: str) -> list[Step]:
            day = ("--snapshot-date", str(snapshot_date))
            return [Step("load", ("--hub", server.endpoint, *day, *options))]

        undisturbed.run(load(FIRST_DATE - timedelta(1)))  # the first one waits for the imports
        started = time.monotonic()
        undisturbed.run(load(FIRST_DATE))
        seconds = time.monotonic() - started
        expected = undisturbed.snapshot(FIRST_DATE)
        dates: list[date] = []
        while report.kills.total() < kills:
            options: tuple[str, ...] = ()
            if dates and random.random() < 0.3:
                snapshot_date, options = random.choice(dates), random.choice([(), ("--refetch",)])
            else:
                snapshot_date = FIRST_DATE + timedelta(len(dates))
                dates.append(snapshot_date)
            try:
                for _ in range(random.randint(1, 3)):
                    stage = place.run(load(snapshot_date, *options), random.uniform(0, seconds))
                    if stage:
                        report.kills[stage] += 1
                        progress.update()
                place.run(load(snapshot_date))
            except RuntimeError as error:
                report.problems.append(str(error))
                return report
            report.problems += [
                f"{snapshot_date}: {difference}"
                for difference in build_differences(expected, place.snapshot(snapshot_date))
            ]
        for snapshot_date in dates:
            report.problems += [
                f"{snapshot_date} in the end: {difference}"
                for difference in build_differences(expected, place.snapshot(snapshot_date))
            ]
    return report


def kill_runs(folder: Path, kills: int, build_kills: int, seed: int) -> Report:
    """Kill a whole run, two loads of the sample and a build, then a build alone.

    A killed run begins again at its beginning. What it leaves when it is let through must be
    what an undisturbed one leaves: the raw tables, the marts, the trends and the ecosystem.
    """
    random, report = Random(seed), Report()
    undisturbed, place = Place(folder / "undisturbed-run"), Place(folder / "killed-run")
    started = time.monotonic()
    undisturbed.run(_whole_run(undisturbed))
    whole = time.monotonic() - started
    started = time.monotonic()
    undisturbed.run([build_step(undisturbed)])
    alone = time.monotonic() - started
    schemas = ("hub_raw", "marts", "trends", "ecosystem")
    expected = undisturbed.tables(*schemas)
    for steps, times, seconds in (
        (_whole_run(place), kills, whole),
        ([build_step(place)], build_kills, alone),
    ):
        for _ in tqdm(range(times), f"kills of {steps[0].name}", disable=None):
            try:
                while (stage := place.run(steps, random.uniform(0, seconds))) is None:
                    pass  # it was faster than expected
            except RuntimeError as error:
                report.problems.append(str(error))
                return report
            report.kills[stage] += 1
        try:
            place.run(steps)
        except RuntimeError as error:
            report.problems.append(str(error))
            return report
        report.problems += build_differences(expected, place.tables(*schemas))
    return report


def _whole_run(place: Place) -> list[Step]:
    loads = [
        Step("load", (*builds.SAMPLE, "--snapshot-date", snapshot_date))
        for snapshot_date in builds.SNAPSHOT_DATES
    ]
    return [*loads, build_step(place)]


def build_step(place: Place) -> Step:
    """A build of all that leaves something behind, as tests do not."""
    without = ("--exclude-resource-type", "test", "unit_test")
    options = builds.dbt_options("duckdb", place.folder)
    return Step("build", (*without, *builds.SETTINGS, *options))


def table(report: Report) -> str:
    """The steps that the kills fell into, as Markdown."""
    lines = ["| killed in | times |", "|---|---:|"]
    for stage in ("crawl", "extract", "normalise", "load", "history", "dbt build"):
        lines.append(f"| {stage} | {report.kills[stage]} |")
    return "\n".join([*lines, f"| all | {report.kills.total()} |"])
