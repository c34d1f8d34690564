"""The order in which tests are shared out among processes (``make test`` runs them in several)."""

import signal
import uuid
from collections.abc import Iterator

import pytest

from tests.warehouse.bigquery import Project, emulated_bigquery


def pytest_configure(config: pytest.Config) -> None:
    """Hear Ctrl-C, and so do the commands that are tested.

    What a script starts in the background is deaf to it, and so is all that it starts in turn.
    """
    # Known also to a run without xdist (`-p no:xdist`).
    config.addinivalue_line("markers", "xdist_group(name): tests that one process runs")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares a slow fixture: a file, and all that build the sample.

    The latter take longest and begin first, so that no process is left with them at the end.
    """
    items.sort(key=lambda item: not _builds_the_sample(item))
    for item in items:
        group = "sample" if _builds_the_sample(item) else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


def _builds_the_sample(item: pytest.Item) -> bool:
    return "sample_file" in getattr(item, "fixturenames", ())


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
