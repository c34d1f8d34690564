"""Folders of records, and a loader on them, for the tests of the loaders."""

import gzip
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pytest

from loaders import cli, clock
from loaders.warehouse import raw_schema
from simulator import Fault, LocalHubServer, RecordFolder
from simulator.server import Request


def model(number: int, **fields: Any) -> dict[str, Any]:
    """A record as a listing has it, with nothing odd about it."""
    return {
        "_id": f"{number:024x}",
        "id": f"org-{number % 7}/model-{number}",
        "author": f"org-{number % 7}",
        "createdAt": f"2024-{number % 12 + 1:02d}-05T10:00:00.000Z",
        "lastModified": "2026-10-14T10:00:00.000Z",
        "tags": ["transformers", "license:mit"],
    } | fields


def dataset(number: int, **fields: Any) -> dict[str, Any]:
    """Make a record of a dataset, as ``model`` does of a model."""
    return model(number, id=f"org/data-{number}", tags=["language:en"]) | fields


def write_records(folder: Path, **records: Iterable[Any]) -> Path:
    """Write ``models=…`` and ``datasets=…`` as a folder of records; a str is a line as it is."""
    folder.mkdir(exist_ok=True)
    for kind, lines in records.items():
        with gzip.open(folder / f"{kind}.jsonl.gz", "wt", encoding="utf-8") as file:
            for line in lines:
                file.write((line if isinstance(line, str) else json.dumps(line)) + "\n")
    return folder


@contextmanager
def on_day(day: str) -> Iterator[None]:
    """Set the loaders' clock to noon of a day: an address is crawled on its snapshot date only."""
    noon = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: noon)
        yield


def loaders_on_day(day: str) -> list[str]:
    """The command line of the loaders as a process of its own, with its clock set likewise."""
    program = (
        "import sys\n"
        "from datetime import datetime\n"
        "from loaders import clock\n"
        f"clock.now = lambda: datetime.fromisoformat('{day}T12:00:00+00:00')\n"
        "from loaders.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    return [sys.executable, "-c", program]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place for a database and a landing zone, which the environment names."""
    monkeypatch.setenv("HUB_DUCKDB_PATH", str(tmp_path / "data" / "hub.duckdb"))
    monkeypatch.setenv("HUB_LANDING", str(tmp_path / "data" / "landing"))
    for name in ("HF_TOKEN", "HUB_KEEP_PAGES", "HUB_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "data"


def query(data: Path, sql: str) -> list[tuple]:
    """Ask the database that ``data`` names."""
    with duckdb.connect(str(data / "hub.duckdb"), read_only=True) as database:
        return database.execute(sql).fetchall()


def contents(data: Path) -> dict[str, list[tuple]]:
    """Every row of every raw table, less what tells when it was loaded."""
    times = "exclude (crawl_started_at, crawl_finished_at, loaded_at)"
    return {
        table: sorted(
            query(data, f"select * {times if table == 'snapshots' else ''} from hub_raw.{table}"),
            key=repr,
        )
        for table in raw_schema.TABLES
    }


@pytest.fixture
def run(data: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run the command line; gives the exit code, and what it printed on either stream."""

    def run(*arguments: object) -> tuple[int, str]:
        logging.getLogger().handlers.clear()  # so that it logs to the stream of this test
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as exit:  # argparse
            code = int(exit.code or 0)
        captured = capfd.readouterr()
        return code, captured.out + captured.err

    return run


class ServedHub:
    """A local Hub whose records and files a test can change, at an address that stays.

    Attributes:
        fault: as ``LocalHubServer`` has it.
    """

    def __init__(self, folder: Path, run: Callable[..., tuple[int, str]]) -> None:
        self.fault: Callable[[int, str], Fault | None] = lambda number, target: None
        self._folder = folder
        self._run = run
        self._port = 0
        self._server: LocalHubServer | None = None

    def serve(self, *models: dict[str, Any], **options: Any) -> None:
        """Serve these models, and no others, from now on; count the requests anew."""
        self.close()
        # A listing without an entry is odd, so that the loader would take a second to ask again.
        write_records(self._folder, models=models, datasets=[dataset(1)])
        self._server = LocalHubServer(
            RecordFolder(self._folder),
            port=self._port,
            fault=lambda number, target: self.fault(number, target),
            **options,
        ).__enter__()
        self._port = urlsplit(self.endpoint).port

    def close(self) -> None:
        if self._server is not None:
            self._server.__exit__()
            self._server = None

    @property
    def endpoint(self) -> str:
        return self._server.endpoint

    @property
    def requests(self) -> list[Request]:
        """The requests for single models, in the order of the answers."""
        return [r for r in self._server.requests if r.path not in ("/api/models", "/api/datasets")]

    @property
    def storage_requests(self) -> list[Request]:
        return self._server.storage_requests

    def file(self, name: str, content: bytes = b"") -> Path:
        """Put a file into a repository: ``org/model/file``."""
        path = self._folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def load(self, snapshot_date: str = "2026-10-15") -> None:
        """Take a snapshot. A snapshot of that date is replaced."""
        with on_day(snapshot_date):
            code, said = self.run("load", "--snapshot-date", snapshot_date, "--refetch", "--force")
        assert code == 0, said

    def run(self, command: str, *options: object) -> tuple[int, str]:
        return self._run(command, "--hub", self.endpoint, *options)

    @staticmethod
    def rows(table: str, columns: str = "*") -> list[tuple]:
        """Rows of ``hub_raw``, by the names of their models and in the order of their times."""
        with duckdb.connect(os.environ["HUB_DUCKDB_PATH"], read_only=True) as database:
            return database.execute(
                f"select {columns} from hub_raw.{table} order by id, fetched_at"
            ).fetchall()


@pytest.fixture
def served_hub(tmp_path: Path, run: Callable[..., tuple[int, str]]) -> Iterator[ServedHub]:
    """A Hub that serves nothing yet."""
    hub = ServedHub(tmp_path / "served", run)
    yield hub
    hub.close()


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A folder of 2,300 models and 1,100 datasets: pages that are full, and one that is not."""
    return write_records(
        tmp_path / "hub",
        models=(model(n) for n in range(2_300)),
        datasets=(dataset(n) for n in range(1_100)),
    )
