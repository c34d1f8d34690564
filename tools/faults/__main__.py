"""Crawl a Hub on bad days and kill runs at random, and look for what was lost: ``make faults``.

Exit code 1 if a record was lost or doubled, or a table is not that of an undisturbed run.
"""

import argparse
import os
import sys
import tempfile
import time
import traceback
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tools.faults import crawls, histories, kills, outcomes, syscalls


def main() -> int:
    """Run the command line; returns its exit code."""
    options = _parser().parse_args()
    if options.syscalls:
        return _kill_at_system_calls(options.syscalls, options.seed)
    # What a killed process held is told at the end; it is no news here.
    os.environ["PYTHONWARNINGS"] = "ignore:resource_tracker:UserWarning"
    started = time.monotonic()
    crawled, killed = _crawl_and_kill(options)
    read = histories.read_all(
        range(options.seed, options.seed + options.downloads), options.fault_rate
    )
    print(
        f"{len(crawled):,} crawls in {sum(outcome.runs for outcome in crawled):,} runs; "
        f"the tables of {sum(outcome.is_loaded for outcome in crawled):,} of them compared\n"
    )
    print(outcomes.table(crawled), "\n")
    print(histories.table(read), "\n")
    print(kills.table(killed), "\n")
    for outcome in crawled:
        for problem in outcome.problems:
            print(
                f"crawl with seed {outcome.seed}: {problem}\n  again: python -m tools.faults "
                f"--crawls 1 --kills 0 --seed {outcome.seed} --fault-rate {options.fault_rate}"
            )
    for problem in (outcome.problem for outcome in read if outcome.problem):
        print(f"download: {problem}")
    for problem in killed.problems:
        print(
            f"{problem}\n  the instants again: --crawls 0 --kills {options.kills} "
            f"--seed {options.seed}"
        )
    problems = len(killed.problems) + sum(bool(outcome.problems) for outcome in crawled)
    problems += sum(bool(outcome.problem) for outcome in read)
    print(f"{problems} problems, {time.monotonic() - started:.0f} s")
    return bool(problems)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.faults", description=__doc__)
    for name, default, help in (
        ("crawls", 1_000, "faulted crawls of a small Hub"),
        (
            "kills",
            200,
            "kills of real processes: a tenth of them through a whole run, as many "
            "in dbt build alone, the rest in loads",
        ),
        ("downloads", 200, "faulted readings of a file of an archive"),
        ("history-kills", 50, "kills of the command history"),
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
    parser.add_argument(
        "--syscalls",
        metavar="N",
        nargs="?",
        const="40",
        help="instead, kill a small load, its crawl, a build and a report at so many of the system "
        "calls that write, rename or remove (default: 40 of each); 'all' for every one, or "
        "'load=all,build=9' for these steps. Needs strace",
    )
    return parser


def _crawl_and_kill(options: argparse.Namespace) -> tuple[list[outcomes.Outcome], kills.Report]:
    """Run the crawls and, beside them, the kills."""
    tenth = options.kills // 10
    # Each in a process of its own: multiprocessing mistakes how a child ended when two threads
    # start processes and wait for theirs.
    with (
        tempfile.TemporaryDirectory() as name,
        ProcessPoolExecutor(2, get_context("forkserver")) as parts,
    ):
        killed = []
        if options.history_kills:
            kill = histories.kill_histories
            killed.append(parts.submit(kill, Path(name), options.history_kills, options.seed))
        if options.kills:
            folder = Path(name)
            killed += [
                parts.submit(kills.kill_loads, folder, options.kills - 2 * tenth, options.seed),
                parts.submit(kills.kill_runs, folder, tenth, tenth, options.seed),
            ]
        seeds = range(options.seed, options.seed + options.crawls)
        crawled = crawls.crawl_all(Path(name), seeds, options.fault_rate)
        return crawled, sum((_reported(part) for part in killed), kills.Report())


def _kill_at_system_calls(most: str, seed: int) -> int:
    if not syscalls.can_trace():
        print("error: --syscalls needs strace, and the right to trace", file=sys.stderr)
        return 2
    chosen = dict(part.split("=") for part in most.split(",") if "=" in part)
    numbers = chosen or dict.fromkeys(syscalls.STEPS, most)
    limits = {step: None if n == "all" else int(n) for step, n in numbers.items()}
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        tried = syscalls.kill_all(Path(name), limits, seed)
    print(syscalls.table(tried), "\n")
    problems = [problem for step in tried for problem in step.problems]
    print(*problems, sep="\n")
    print(f"{len(problems)} problems, {time.monotonic() - started:.0f} s")
    return bool(problems)


def _reported(part: Future[kills.Report]) -> kills.Report:
    """Report what the kills came to; what nobody foresaw is a problem, not the end of the rest."""
    try:
        return part.result()
    except Exception:
        return kills.Report(problems=[traceback.format_exc()])


if __name__ == "__main__":
    sys.exit(main())
