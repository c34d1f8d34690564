"""Measure the loader against the bars of docs/operations.md: ``make bench``.

The Hub is a synthetic one on this machine, in a process of its own, that serves pages rendered
beforehand, so that what is measured is the loader. The loader runs as a user runs it, start of
Python included.
"""

import argparse
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from loaders.hub_client import HubListing, hub_session
from loaders.local_hub import SyntheticHub, serve

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "data" / "bench"
DATASETS = 1_000


@dataclass(frozen=True)
class Ingest:
    """One measured load of a snapshot."""

    models: int
    seconds: float
    cpu_seconds: float  # of the loader, user and system
    peak_megabytes: float  # of resident memory
    requests: int
    rate_limited: int
    landed_megabytes: float
    database_megabytes: float


def measure_ingest(models: int) -> Ingest:
    """Load a synthetic Hub of that many models into a new database."""
    hub = SyntheticHub(models=models, datasets=DATASETS)
    run = FOLDER / f"run-{models}"
    shutil.rmtree(run, ignore_errors=True)
    with serve(hub, page_cache=FOLDER / "pages") as endpoint:
        render_all_pages(endpoint)
        seconds, usage = timed(
            [sys.executable, "-m", "loaders", "load", "--hub", endpoint],
            HUB_DUCKDB_PATH=str(run / "hub.duckdb"),
            HUB_LANDING=str(run / "landing"),
        )
    with duckdb.connect(str(run / "hub.duckdb"), read_only=True) as database:
        rows, requests, rate_limited = database.execute(
            "select records, requests, rate_limited from hub_raw.snapshots where kind = 'models'"
        ).fetchone()
        assert rows == models, f"{rows} rows of {models} models"
    return Ingest(
        models=models,
        seconds=seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_megabytes=usage.ru_maxrss / 1024,
        requests=requests,
        rate_limited=rate_limited,
        landed_megabytes=size(run / "landing"),
        database_megabytes=size(run / "hub.duckdb"),
    )


def render_all_pages(endpoint: str) -> None:
    """Walk the Hub once, so that every page lies ready. Nothing to do the second time."""
    with hub_session():
        for kind in ("models", "datasets"):
            listing = HubListing(endpoint, kind)
            path: str | None = listing.first_path
            while path:
                path = listing.page(path).next_path


def timed(command: list[str], **environment: str) -> tuple[float, resource.struct_rusage]:
    """Run a command to its end; gives its seconds and what it used of the machine."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return time.perf_counter() - started, usage


def size(path: Path) -> float:
    """Megabytes of a file or of a folder's files."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def table(results: list[Ingest]) -> str:
    """The results beside the bars, as Markdown."""
    lines = [
        "| models | seconds | models/s | CPU ms per 1,000 | peak MB | requests per 1,000 | 429 "
        "| landed MB | database MB |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {r.models:,} | {r.seconds:.1f} | {r.models / r.seconds:,.0f} "
        f"| {r.cpu_seconds / r.models * 1e6:.1f} | {r.peak_megabytes:.0f} "
        f"| {r.requests / r.models * 1000:.2f} | {r.rate_limited} | {r.landed_megabytes:.0f} "
        f"| {r.database_megabytes:.0f} |"
        for r in results
    ]
    lines.append("| reach, from 500,000 | | 45,000 | 22.0 | 450 | 1.00 | 0 | | |")
    lines.append("| floor, from 500,000 | | 25,000 | 35.0 | 600 | 1.02 | 0 | | |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--models",
        type=int,
        nargs="+",
        default=[50_000, 500_000],
        metavar="N",
        help="sizes of the synthetic Hubs to load (default: 50000 500000)",
    )
    sizes = parser.parse_args().models
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    results = []
    for models in sizes:
        print(f"loading {models:,} models …", flush=True)
        results.append(measure_ingest(models))
    print(table(results))


if __name__ == "__main__":
    main()
