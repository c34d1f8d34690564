"""Fills in the vintages of the past: ``python -m tools.vintages``, or ``make vintages``.

Each loaded snapshot of models that has no vintage of this method is built as of its day, in schemas
of its own beside the published ones (``vintages_marts``, …), and its figures are added to
``ecosystem.figure_vintages``. What is published is not touched. A vintage is added whole or not at
all, so that a run may be killed at any time; the next one goes on with the first that is missing.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from loaders.errors import LoaderError
from loaders.terminal import one_line
from reports.errors import ReportError
from reports.warehouse import TARGETS, open_warehouse
from tools.command_line import add_vars, say
from tools.dbt import Dbt, DbtError

ASIDE = {"aside": "vintages_"}


class VintagesError(Exception):
    """The vintages cannot be filled in; the message says why and what to do."""


def fill(target: str, settings: Mapping[str, Any]) -> int:
    """Add every vintage that is missing, the oldest first; gives how many were.

    In this order a build compares one new snapshot with its neighbour, and no other again.

    Raises:
        VintagesError: the tables are not built.
        DbtError: dbt failed.
        LoaderError, ReportError: the warehouse cannot be read.
    """
    with open_warehouse(target) as warehouse:
        if "figure_vintages" not in warehouse.tables("ecosystem"):
            raise VintagesError(f"{warehouse.name} has no figure_vintages yet. Run 'make build'.")
    with tempfile.TemporaryDirectory(prefix="vintages-") as folder:
        aside = Dbt(Path(folder), target, {**settings, **ASIDE})
        missing = aside("run-operation", "print_missing_vintages").split()
        for number, snapshot_date in enumerate(missing, start=1):
            started = time.monotonic()
            aside("run", "--select", "+figure_vintages", as_of=snapshot_date)
            seconds = time.monotonic() - started
            say(f"{number} of {len(missing)}: vintage of {snapshot_date} added, {seconds:.0f} s")
        if missing:
            aside("run-operation", "drop_schemas_aside")
        # A run that was killed may not have come to it.
        published = Dbt(Path(folder), target, settings)
        published("run", "--select", "figure_vintages+", "--exclude", "figure_vintages")
    return len(missing)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill in what is missing; give 1 with the reason on standard error, 130 when stopped."""
    options = _parser().parse_args(arguments)
    try:
        added = fill(options.target, options.vars)
    except (DbtError, VintagesError, LoaderError, ReportError) as error:
        print(f"error: {one_line(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; run it again and it continues", file=sys.stderr)
        return 130
    print(f"vintages added: {added}" if added else "no vintage is missing")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.vintages",
        description="Add the figures of each loaded snapshot, as they stood on its day, to "
        "ecosystem.figure_vintages, where they are missing. Needs 'dbt build' before; builds each "
        "in schemas beside the published ones (vintages_…), which it drops at its end. Killed, it "
        "goes on where it was. On BigQuery, let no other build run meanwhile.",
        epilog="Exit codes: 0 done; 1 not, for the reason on standard error; 130 stopped.",
    )
    parser.add_argument(
        "--target",
        choices=TARGETS,
        default=os.environ.get("TARGET") or "duckdb",
        help="the engine (default: TARGET, else duckdb)",
    )
    add_vars(
        parser,
        "the vars that the published tables are built with, where dbt build is given --vars",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
