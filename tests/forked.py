"""Commands in processes forked from one that has imported them.

Such a process is as real as one that is started anew: it has memory, files and an exit code of its
own, and can be killed. It saves the seconds of each command in which Python imports.
"""

import atexit
import functools
import hashlib
import itertools
import multiprocessing
import os
import runpy
import shutil
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
        arguments = (command, dict(environment), output.name, _parsed_projects())
        process = processes.Process(target=_work, args=arguments)
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"{' '.join(command)} took over {timeout:g} s")
        return Ended(process.exitcode, output.read().decode(errors="replace"))


# Names the folder in which one run of dbt leaves what it parsed for the next one, 4 s each.
PARSED_PROJECTS = "TESTS_PARSED_PROJECTS"


def _parsed_projects() -> Path:
    """The folder of all processes of a run of tests, or else one of this process alone."""
    return Path(os.environ.get(PARSED_PROJECTS) or _own_parsed_projects().name)


@functools.cache
def _own_parsed_projects() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="dbt-parsed-")


def _work(
    command: Sequence[str], environment: dict[str, str], output: str, parsed_projects: Path
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.argv = list(command)
    descriptor = os.open(output, os.O_WRONLY | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(descriptor, stream.fileno())
    try:
        if command[0] == "dbt":
            _dbt(command, parsed_projects)
        else:
            runpy.run_module(command[0], run_name="__main__", alter_sys=True)
    finally:
        sys.stdout.flush()
        # Not run by multiprocessing. dbt closes its database in one.
        atexit._run_exitfuncs()


def _dbt(command: Sequence[str], parsed_projects: Path) -> None:
    """Run dbt on what it parsed before; dbt itself looks what has changed since."""
    from dbt.adapters.duckdb.credentials import DuckDBCredentials
    from dbt.cli.main import cli

    given = dict(itertools.pairwise(command))
    if "--target-path" not in given:
        cli()
    # What is parsed hangs on the name of the database, but not on the folder that it is in.
    keys = tuple(key for key in DuckDBCredentials._connection_keys(None) if key != "path")
    DuckDBCredentials._connection_keys = lambda _: keys
    # Two settings each have a file of their own, or each would undo what the other left.
    setting = [given.get("--target"), given.get("--vars"), os.environ.get("HUB_SCHEMA_PREFIX")]
    setting.append(Path(os.environ.get("HUB_DUCKDB_PATH", "hub")).stem)
    kept = parsed_projects / hashlib.sha256(repr(setting).encode()).hexdigest()
    own = Path(given["--target-path"]) / "partial_parse.msgpack"
    if kept.exists() and not own.exists():
        own.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(kept, own)
    try:
        cli()
    finally:
        if own.exists():
            unfinished = kept.with_suffix(f".{os.getpid()}")
            shutil.copy(own, unfinished)
            unfinished.replace(kept)
