"""Crawl a Hub on bad days and kill runs at random, and look for what was lost: ``make faults``.

Exit code 1 if a record was lost or doubled, or a table is not that of an undisturbed run.
"""

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.faults import crawls, kills


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    for name, default, help in (
        ("crawls", 1_000, "faulted crawls of a small Hub"),
        (
            "kills",
            200,
            "kills of real processes: a tenth of them through a whole run, as many "
            "in dbt build alone, the rest in loads",
        ),
        ("seed", 0, "of the first crawl; the others count up from it"),
    ):
        parser.add_argument(
            f"--{name}", type=int, default=default, metavar="N", help=f"{help} (default: {default})"
        )
    parser.add_argument(
        "--fault-rate",
        type=float,
        default=0.3,
        metavar="R",
        help="the part of the answers that go wrong (default: 0.3)",
    )
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor() as parts:
        folder, tenth = Path(name), options.kills // 10
        seeds = range(options.seed, options.seed + options.crawls)
        crawled = parts.submit(crawls.crawl_all, folder, seeds, options.fault_rate)
        killed = [
            parts.submit(
                _reported, kills.kill_loads, folder, options.kills - 2 * tenth, options.seed
            ),
            parts.submit(_reported, kills.kill_runs, folder, tenth, tenth, options.seed),
        ][: 2 * bool(options.kills)]
        outcomes = crawled.result()
        report = sum((part.result() for part in killed), kills.Report())
    print(
        f"{len(outcomes):,} crawls in {sum(outcome.runs for outcome in outcomes):,} runs; "
        f"the tables of {sum(outcome.is_loaded for outcome in outcomes):,} of them compared\n"
    )
    print(crawls.table(outcomes), "\n")
    print(kills.table(report), "\n")
    for outcome in outcomes:
        for problem in outcome.problems:
            print(
                f"crawl with seed {outcome.seed}: {problem}\n  again: python -m tests.faults "
                f"--crawls 1 --kills 0 --seed {outcome.seed} --fault-rate {options.fault_rate}"
            )
    for problem in report.problems:
        print(
            f"{problem}\n  the instants again: --crawls 0 --kills {options.kills} "
            f"--seed {options.seed}"
        )
    problems = len(report.problems) + sum(bool(outcome.problems) for outcome in outcomes)
    print(f"{problems} problems, {time.monotonic() - started:.0f} s")
    return bool(problems)


def _reported(kill: Callable[..., kills.Report], *arguments: Any) -> kills.Report:
    """What the kills came to; what nobody foresaw is a problem, and not the end of the rest."""
    try:
        return kill(*arguments)
    except Exception:
        return kills.Report(problems=[traceback.format_exc()])


if __name__ == "__main__":
    sys.exit(main())
