"""The Hub's token goes to the Hub and nowhere else: not into what a run writes or says."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from simulator import Fault, LocalHubServer, RecordFolder
from tests import forked
from tests.loaders.conftest import dataset, model, write_records
from tests.warehouse import builds

TOKEN = "hf_RecognisableAnywhere0123456789"  # pragma: allowlist secret
ECHO = f'{{"error": "Bearer {TOKEN} is not welcome"}}'.encode()

FaultOf = Callable[[int, str], Fault | None]


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Models of which one has a count to be read from its file, and details to be asked for."""
    return write_records(
        tmp_path / "records",
        models=[
            model(1, id="org/m1", tags=["safetensors"], pipeline_tag="text-generation"),
            *(model(number) for number in range(2, 6)),
        ],
        datasets=[dataset(1)],
    )


class Run:
    """Commands in a folder of their own, with the token, and whatever they left and said.

    Attributes:
        is_new: whether each Python is started anew, with all that it reads as it starts: dlt's
            level of logging for one, which failed crawls do not come to.
    """

    is_new = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = b""
        self._environment = os.environ | builds.QUIET
        self._environment |= {
            "HF_TOKEN": TOKEN,
            "HF_HOME": str(folder / "home"),
            "HUB_DUCKDB_PATH": str(folder / "hub.duckdb"),
            "HUB_LANDING": str(folder / "landing"),
            "RUNTIME__LOG_LEVEL": "DEBUG",
        }
        folder.mkdir()

    def loaders(self, *arguments: str, token: str = TOKEN) -> int:
        command = ["loaders", *arguments, "--retries", "0", "--timeout", "2"]
        return self._run(command, HF_TOKEN=token)

    def dbt(self) -> int:
        profile = builds.ROOT / "profiles.example.yml"
        (self.folder / "profiles.yml").write_bytes(profile.read_bytes())
        command = ["dbt", "--debug", "build", "--select", "staging"]
        return self._run([*command, *builds.dbt_options("duckdb", self.folder)])

    def _run(self, command: list[str], **environment: str) -> int:
        environment = self._environment | environment
        if not self.is_new:
            ended = forked.run(command, environment)
            self.said += ended.output.encode()
            return ended.returncode
        python = [str(builds.DBT)] if command[0] == "dbt" else [sys.executable, "-m", command[0]]
        process = subprocess.run(
            [*python, *command[1:]],
            cwd=builds.ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
        )
        self.said += process.stdout
        return process.returncode

    def places_of(self, text: bytes) -> list[str]:
        """The places that hold a text: what was said, a file, compressed or not, or a table."""
        places = ["what was said"] if text in self.said else []
        for path in self.folder.rglob("*"):
            if not path.is_file():
                continue
            content = path.read_bytes()
            if path.suffix == ".zst":
                with pa.input_stream(pa.BufferReader(content), compression="zstd") as stream:
                    content += stream.read()
            if text in content:
                places.append(str(path.relative_to(self.folder)))
        database = self.folder / "hub.duckdb"
        if database.exists():
            with duckdb.connect(str(database), read_only=True) as connection:
                names = connection.execute(
                    "select table_schema || '.' || table_name from information_schema.tables"
                ).fetchall()
                for (name,) in names:
                    rows = connection.execute(f"select * from {name}").fetchall()
                    if text.decode() in repr(rows):
                        places.append(name)
        return places


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path / "run")


def serve(records: Path, fault: FaultOf = lambda number, target: None) -> LocalHubServer:
    return LocalHubServer(RecordFolder(records), fault=fault)


def test_a_whole_run_leaves_no_token_behind(records, run):
    run.is_new = True
    with serve(records) as hub:
        for command in ("load", "parameters", "details"):
            assert run.loaders(command, "--hub", hub.endpoint) == 0, run.said
        assert all(request.has_token for request in hub.requests)
    assert run.dbt() == 0, run.said
    assert run.places_of(b"org/m1")  # the search finds what is there
    assert run.places_of(TOKEN.encode()) == []


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(status=401, body=ECHO), id="401"),
        pytest.param(Fault(status=500, body=ECHO), id="500"),
        pytest.param(Fault(body=b"<p>" + ECHO), id="no listing page"),
        pytest.param(Fault(is_reset=True), id="reset"),
        pytest.param(Fault(status=302, headers={"Location": "http://127.0.0.1:9/"}), id="redirect"),
    ],
)
def test_a_failed_crawl_tells_no_token_though_the_server_repeats_it(records, run, fault):
    with serve(records, lambda number, target: fault) as hub:
        assert run.loaders("load", "--hub", hub.endpoint) == 1
    assert run.places_of(TOKEN.encode()) == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_failed_question_keeps_no_token_though_the_server_repeats_it(records, run, status):
    def fault(number: int, target: str) -> Fault | None:
        is_question = "/api/models/" in target or "/resolve/" in target
        return Fault(status=status, body=ECHO) if is_question else None

    with serve(records, fault) as hub:
        assert run.loaders("load", "--hub", hub.endpoint) == 0
        for command in ("parameters", "details"):
            run.loaders(command, "--hub", hub.endpoint)
    assert run.places_of(b"is not welcome" if status == 403 else b"answered 401")
    assert run.places_of(TOKEN.encode()) == []


def test_a_hub_out_of_reach_tells_no_token(run):
    assert run.loaders("load", "--hub", "http://127.0.0.1:9") == 1
    assert run.places_of(TOKEN.encode()) == []


@pytest.mark.parametrize("character", ["\n", " ", "é"])
def test_a_token_that_no_header_takes_is_refused_untold(records, run, character):
    with serve(records) as hub:
        token = TOKEN[:20] + character + TOKEN[20:]
        assert run.loaders("load", "--hub", hub.endpoint, token=token) == 1
    assert b"HF_TOKEN" in run.said
    assert b"Traceback" not in run.said
    assert run.places_of(TOKEN[:20].encode()) == []


def test_a_token_with_a_line_end_behind_it_is_taken(records, run):
    with serve(records) as hub:
        assert run.loaders("load", "--hub", hub.endpoint, token=TOKEN + "\n") == 0, run.said
        assert all(request.has_token for request in hub.requests)


def test_a_token_with_a_line_end_behind_it_is_not_told_either(records, run):
    link = {"Link": f'<http://{TOKEN}.example/>; rel="next"'}
    with serve(records, lambda number, target: Fault(headers=link)) as hub:
        assert run.loaders("load", "--hub", hub.endpoint, token=TOKEN + "\n") == 1
    assert b"names a next page at another address" in run.said
    assert run.places_of(TOKEN.encode()) == []
