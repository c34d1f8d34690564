"""Commands in processes forked from one that has imported them.

Such a process is as real as one that is started anew: it has memory, files and an exit code of its
own, and can be killed. It saves the seconds of each command in which Python imports.
"""

import atexit
import multiprocessing
import os
import runpy
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]

processes = multiprocessing.get_context("forkserver")
# dbt imports an adapter when a profile names it, a task when a command does; DuckDB imports pandas
# with the first parameter of a query.
processes.set_forkserver_preload(
    [
        *("loaders.cli", "reports.cli", "simulator", "pandas"),
        *("dbt.cli.main", "dbt.task.build", "dbt.adapters.duckdb", "dbt.adapters.bigquery"),
        *("tools.faults.kills", "tools.faults.syscalls"),
    ]
)


class Ended(NamedTuple):
    """A command's exit code, and what it printed on either stream."""

    returncode: int
    output: str


def run(command: Sequence[str], environment: Mapping[str, str], timeout: float = 900) -> Ended:
    """Run a command, and wait for its end.

    Args:
        command: ``dbt`` or a module that ``python -m`` starts, and its arguments.
        environment: its variables. What reads one while it is imported has read it already.
        timeout: seconds. A build of 20 s takes minutes where others keep every core busy.

    Raises:
        TimeoutError: it took longer, and was killed.
    """
    with tempfile.NamedTemporaryFile() as output:
        process = processes.Process(target=_work, args=(command, dict(environment), output.name))
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"{' '.join(command)} took over {timeout:g} s")
        return Ended(process.exitcode, output.read().decode(errors="replace"))


def _work(command: Sequence[str], environment: dict[str, str], output: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.argv = list(command)
    descriptor = os.open(output, os.O_WRONLY | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(descriptor, stream.fileno())
    try:
        if command[0] == "dbt":
            from dbt.cli.main import cli

            cli()
        else:
            runpy.run_module(command[0], run_name="__main__", alter_sys=True)
    finally:
        sys.stdout.flush()
        # Not run by multiprocessing. dbt closes its database in one.
        atexit._run_exitfuncs()
