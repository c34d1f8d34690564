"""Run a step as a user runs it, and see what it took of the machine."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator import SyntheticHub
from tests.warehouse.builds import DBT, QUIET, ROOT, dbt_options

__all__ = [
    "DBT",
    "ROOT",
    "Observatory",
    "Usage",
    "dbt_options",
    "megabytes",
    "python",
    "slowest_nodes",
    "timed",
]

_LINES_OF_A_FAILURE = 40
_SLOWEST = 15


@dataclass(frozen=True)
class Usage:
    """The cost of a step. Steps add up; of their peaks the highest counts.

    Attributes:
        seconds: by the clock, the start of Python included.
        cpu_seconds: of every process of it, user and system.
        peak_megabytes: resident memory of the largest process of it. The loader and dbt do
            their work in one; nothing that this project starts holds data in a second one.
    """

    seconds: float
    cpu_seconds: float
    peak_megabytes: float

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.seconds + other.seconds,
            self.cpu_seconds + other.cpu_seconds,
            max(self.peak_megabytes, other.peak_megabytes),
        )


def timed(command: Sequence[object], log: Path, **environment: object) -> Usage:
    """Run a command to its end; what it says goes into a file.

    Raises:
        SystemExit: it failed; the message is the end of what it said.
    """
    variables = {name: str(value) for name, value in environment.items()}
    # Where compiled modules may not be kept, every start would compile dlt and dbt anew.
    inherited = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
    started = time.perf_counter()
    with log.open("wb") as said:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env=inherited | QUIET | variables,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()  # it may still be writing into a folder that is removed next
            raise
    process.returncode = os.waitstatus_to_exitcode(status)  # it has been waited for
    if status:
        tail = log.read_text(errors="replace").splitlines()[-_LINES_OF_A_FAILURE:]
        raise SystemExit("\n".join([*tail, f"{' '.join(map(str, command))} failed"]))
    kilobyte = 1 if sys.platform == "darwin" else 1024  # the unit of ru_maxrss
    return Usage(
        time.perf_counter() - started,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss * kilobyte / 2**20,
    )


def python(module: str, *arguments: object) -> list[object]:
    """The command that runs a module of this project."""
    return [sys.executable, "-m", module, *arguments]


def megabytes(path: Path) -> float:
    """Size of a file, or of the files of a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def slowest_nodes(target: Path) -> dict[str, float]:
    """The dbt nodes of a build that took longest, in seconds; none before the first.

    Args:
        target: dbt's folder of what it made.
    """
    try:
        text = (target / "run_results.json").read_text()
    except FileNotFoundError:
        return {}
    results = sorted(json.loads(text)["results"], key=lambda node: -node["execution_time"])
    return {node["unique_id"]: round(node["execution_time"], 2) for node in results[:_SLOWEST]}


class Observatory:
    """One database of a synthetic Hub, in a folder of its own, loaded and built by command.

    Args:
        folder: where the database is; it is made anew.
        landing: the landing zone, which several may share.
        models, datasets: the size of the Hub on the sample date.
    """

    def __init__(self, folder: Path, landing: Path, *, models: int, datasets: int) -> None:
        self.folder = folder
        self.database = folder / "hub.duckdb"
        self._landing = landing
        self._hub = SyntheticHub(models=models, datasets=datasets)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copy(ROOT / "profiles.example.yml", folder / "profiles.yml")

    def load(self, snapshot_date: str) -> Usage:
        """Load one snapshot, crawling it first where the landing zone lacks it."""
        return timed(
            python(
                *("loaders", "load", "--hub", "sample", "--snapshot-date", snapshot_date),
                *("--sample-models", self._hub.models, "--sample-datasets", self._hub.datasets),
            ),
            self.folder / "load.log",
            HUB_DUCKDB_PATH=self.database,
            HUB_LANDING=self._landing,
        )

    def land(self, snapshot_date: str) -> None:
        """Crawl one snapshot into the landing zone, so that a load has only to replay it."""
        scratch = Observatory(
            self.folder / "scratch",
            self._landing,
            models=self._hub.models,
            datasets=self._hub.datasets,
        )
        scratch.load(snapshot_date)
        scratch.close()

    def build(self) -> Usage:
        """Build and test everything, as in a new container: dbt knows of no earlier run."""
        shutil.rmtree(self.folder / "target", ignore_errors=True)
        return timed(
            [DBT, "build", *dbt_options("duckdb", self.folder)],
            self.folder / "build.log",
            HUB_DUCKDB_PATH=self.database,
        )

    def month(self, snapshot_date: str) -> Usage:
        """Load and build."""
        return self.load(snapshot_date) + self.build()

    def slowest_nodes(self) -> dict[str, float]:
        """The dbt nodes of the last build that took longest, in seconds; none before the first."""
        return slowest_nodes(self.folder / "target")

    def close(self) -> None:
        """Give the room back."""
        shutil.rmtree(self.folder)
