"""Measure the whole of it against the bars of tools/bench/table.py: ``make bench``.

The Hub is a synthetic one on this machine. Loads and builds are the commands that a user types,
each in a process of its own, start of Python included. At full size it takes most of an hour
and wants a machine on which nothing else runs.
"""

import argparse
import json
import os
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

from tools.bench import machine
from tools.bench.run import Run
from tools.bench.sections import SECTIONS, Sizes
from tools.bench.table import LEGEND, missed, table


def main() -> None:
    """Run the command line."""
    options = _parser().parse_args()
    sizes = Sizes.of(options.sizes, options.months)
    here = machine.description()
    print(machine.sentence(here), flush=True)
    runs: list[Run] = []
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        _say_what_room(Path(folder), sizes)
        try:
            for name in options.only or SECTIONS:
                print(f"{name} …", flush=True)
                for run in SECTIONS[name](Path(folder), sizes):
                    runs.append(run)
                    print(_progress(run), flush=True)
                    if options.output:
                        _write(options.output, here, runs)
        finally:
            # A section that fails after half an hour does not take the others with it.
            print(f"\n{machine.sentence(here)}\n\n{table(runs)}\n\n{LEGEND}")
            for line in missed(runs):
                print(f"below its floor: {line}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="+",
        default=[],
        metavar="N",
        help="models of the Hubs to load and build, instead of those that the bars name; the "
        "other sections take the largest",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=SECTIONS,
        metavar="SECTION",
        help=f"some of: {', '.join(SECTIONS)}",
    )
    parser.add_argument(
        "--months",
        type=int,
        default=Sizes.months,
        metavar="N",
        help="months of history (default: %(default)s)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="write every figure and the machine's description into this JSON file",
    )
    return parser


def _say_what_room(folder: Path, sizes: Sizes) -> None:
    needed, free = sizes.room, shutil.disk_usage(folder).free
    print(
        f"{folder} will hold up to {needed / 1e9:.1f} GB, and is removed at the end; "
        f"{free / 1e9:.0f} GB are free",
        flush=True,
    )
    if needed > free:
        raise SystemExit("That is not enough. Set TMPDIR to a folder on a larger disk.")


def _progress(run: Run) -> str:
    slowest = ", ".join(
        f"{name.split('.')[2]} {seconds:.1f}" for name, seconds in list(run.slowest.items())[:5]
    )
    return (
        f"  {run.name}, {run.models:,} models and {run.datasets:,} datasets: "
        f"{run.usage.seconds:.1f} s, CPU {run.usage.cpu_seconds:.1f} s, "
        f"{run.usage.peak_megabytes:.0f} MB, load average {os.getloadavg()[0]:.1f}"
        + (f"; slowest: {slowest}" if slowest else "")
    )


def _write(file: Path, here: dict[str, object], runs: list[Run]) -> None:
    content = {"machine": here, "runs": [asdict(run) for run in runs]}
    file.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
