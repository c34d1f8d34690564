"""Run the tests that have threads, processes or servers many times, idle and on a busy machine.

    python -m tools.repeat --runs 20 tests/loaders/test_lock.py

A test that rests on who is first fails in some of these runs. Each run has another order, and
its number begins it again: ``make test ORDER=7``. Prints how many runs failed, and in which tests.
"""

import argparse
import contextlib
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
HAS_SOMETHING_BESIDE = re.compile(
    r"threading|Popen|subprocess|served|LocalHub|emulat|bigquery_url|duckdb_build|project\b"
)


def files() -> list[str]:
    """The files of tests in which something runs beside the test."""
    return sorted(
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("test_*.py")
        if HAS_SOMETHING_BESIDE.search(path.read_text(encoding="utf-8"))
    )


@contextlib.contextmanager
def _busy() -> Iterator[None]:
    """Keep every core busy for as long as the block runs."""
    loops = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(os.cpu_count() or 1)
    ]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def failed(file: str, seed: int) -> list[str]:
    """The tests of a file that fail in the order of a number; nothing if all are well."""
    order = ("-p", "randomly", "--randomly-seed", str(seed))
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", *order, file]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    named = re.findall(r"^(?:FAILED|ERROR) (\S+)", run.stdout, re.MULTILINE)
    return named or ([] if run.returncode in (0, 5) else [f"{file}: exit code {run.returncode}"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.repeat", description=__doc__)
    parser.add_argument("files", nargs="*", metavar="FILE", help="of tests (default: see above)")
    parser.add_argument(
        "--runs", type=int, default=20, metavar="N", help="of each file (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    print("| tests | runs | failed, idle | failed, busy |\n|---|---:|---:|---:|", flush=True)
    problems: Counter[str] = Counter()
    for file in options.files or files():
        counts = []
        for around in (contextlib.nullcontext, _busy):
            with around():
                runs = [failed(file, seed) for seed in range(1, options.runs + 1)]
            counts.append(sum(map(bool, runs)))
            problems.update(
                f"{name}, in order {n}" for n, run in enumerate(runs, 1) for name in run
            )
        print(f"| {file} | {options.runs} | {counts[0]} | {counts[1]} |", flush=True)
    print(*problems, sep="\n")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
