"""The order in which tests are shared out among processes (``make test`` runs them in several)."""

import fcntl
import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import forked
from tests.warehouse.bigquery import Project, emulated_bigquery


def pytest_configure(config: pytest.Config) -> None:
    """Hear Ctrl-C, and so do the commands that are tested.

    What a script starts in the background is deaf to it, and so is all that it starts in turn.
    """
    # Known also to a run without xdist (`-p no:xdist`).
    config.addinivalue_line("markers", "xdist_group(name): tests that one process runs")
    if forked.PARSED_PROJECTS not in os.environ:  # before xdist starts processes
        folder = tempfile.TemporaryDirectory(prefix="dbt-parsed-")
        os.environ[forked.PARSED_PROJECTS] = folder.name
        config.add_cleanup(folder.cleanup)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


# What shares a slow fixture, by that fixture.
GROUPS = {"built": "hostile names"}
# The groups that take longest, the longest first. All others come after them, so that no process is
# left with a long one at the end.
LONGEST = (
    "tests/warehouse/test_bigquery_analysis.py",
    "tests/test_run.py",
    "tests/warehouse/test_history.py",
    "tests/warehouse/test_marts_against_reference.py",
    "hostile names",
    "tests/warehouse/test_bigquery_build.py",
    "tests/test_contributing.py",
    "tests/loaders/test_snapshots.py",
    "tests/warehouse/test_vintages.py",
    "tests/loaders/test_history.py",
    "tests/warehouse/test_flows.py",
    "tests/warehouse/test_killed_build.py",
    "tests/warehouse/test_dry_run.py",
    "tests/loaders/test_past_days.py",
    "tests/loaders/test_google_logins.py",
    "tests/loaders/test_model_parameters.py",
    "tests/loaders/test_history_of_a_repository.py",
    "tests/loaders/test_record_folders.py",
    "tests/loaders/test_run.py",
    "tests/warehouse/test_sensitivity.py",
    "tests/loaders/test_load.py",
    "tests/loaders/test_schema_prefix.py",
    "tests/loaders/test_tokens.py",
    "tests/loaders/test_lock.py",
    "tests/tools/test_faults.py",
)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests that share a slow fixture, or else a file, to one process; the longest begin."""
    groups = {item: _group(item) for item in items}
    items.sort(key=lambda item: LONGEST.index(groups[item]) if groups[item] in LONGEST else 99)
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))


def _group(item: pytest.Item) -> str:
    fixtures = getattr(item, "fixturenames", ())
    shared = (group for fixture, group in GROUPS.items() if fixture in fixtures)
    return next(shared, item.nodeid.partition("::")[0])


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that one process of a run of tests fills for all of them, who only read it."""
    place = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    folder, done = place / name, place / f"{name}.made"
    with open(place / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of one who failed
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def bigquery_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running emulator. One per process: its start takes seconds."""
    log = tmp_path_factory.mktemp("bigquery") / "errors.log"
    with emulated_bigquery(log) as url:
        yield url


@pytest.fixture
def project(bigquery_url: str) -> Project:
    """An empty Google Cloud project, the test's own."""
    return Project(bigquery_url, f"test-{uuid.uuid4().hex[:12]}")
