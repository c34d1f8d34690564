"""Loads that are refused: wrong arguments, folders and databases, named in one line."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loaders.warehouse.raw_tables import RawTables
from tests.loaders.conftest import (
    model,
    write_records,
)

ROOT = Path(__file__).parents[2]

# Of a folder, which says no day itself.
DAY = ("--snapshot-date", "2026-10-15")


def test_a_listing_without_a_usable_record_is_refused(run, data, tmp_path):
    folder = write_records(tmp_path / "hub", models=[model(1, downloads=-3)])
    code, said = run("load", "--hub", folder, *DAY)
    assert code == 1
    assert "holds no usable record" in said


def test_a_database_holds_one_hub(run, data, hub, tmp_path):
    run("load", "--hub", hub, *DAY)
    other = write_records(tmp_path / "other", models=[model(1)])
    code, said = run("load", "--hub", other, *DAY)
    assert code == 1
    assert str(hub) in said
    assert "Set HUB_DUCKDB_PATH to another file" in said


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--hub", "/no/such/folder"], 1, "is no folder, and neither 'sample' nor an address"),
        (["--hub", "ftp://hub"], 1, "is no address of a Hub"),
        # pragma: allowlist nextline secret
        (["--hub", "https://user:password@hub"], 1, "a token goes into HF_TOKEN"),
        (["--hub", "http://127.0.0.1:9", "--retries", "0"], 1, "cannot be read: ConnectError"),
        (["--hub", "sample", "--snapshot-date", "2026-13-01"], 2, "is no date"),
        (["--hub", "https://hub.invalid", "--snapshot-date", "2999-01-01"], 1, "lies ahead"),
        (["--hub", "sample", "--quota-share", "1.5"], 2, "more than the whole quota"),
        (["--hub", "sample", "--quota-share", "0"], 2, "too small"),
        (["--hub", "sample", "--target", "oracle"], 2, "invalid choice"),
        (["--hub", "."], 1, "holds neither models.jsonl.gz nor datasets.jsonl.gz"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_is_written(run, data, arguments, code, told):
    result, said = run("load", *arguments)
    assert (result, told in said) == (code, True), said
    assert "Traceback" not in said
    assert not (data / "landing").exists() or not any((data / "landing").rglob("*.zst"))


def test_a_folder_with_a_line_that_is_no_json_is_named_with_its_line(run, data, tmp_path):
    folder = write_records(tmp_path / "hub", models=[model(1), "{'python': True}"])
    code, said = run("load", "--hub", folder, *DAY)
    assert code == 1
    assert "models.jsonl.gz, line 2, is no JSON" in said


def test_a_folder_whose_file_is_cut_short_is_named(run, data, hub):
    file = hub / "models.jsonl.gz"
    file.write_bytes(file.read_bytes()[:-50])
    code, said = run("load", "--hub", hub, *DAY)
    assert code == 1
    assert "models.jsonl.gz" in said


def test_a_file_that_is_no_database_is_left_as_it_is(run, data, hub):
    data.mkdir()
    (data / "hub.duckdb").write_bytes(b"something else" * 1000)
    code, said = run("load", "--hub", hub, *DAY)
    assert code == 1
    assert "cannot be opened for writing" in said
    assert "no DuckDB database, and stays as it is. Set HUB_DUCKDB_PATH to a file" in said
    assert not {"disk", "open, "} & set(said.split())
    assert (data / "hub.duckdb").read_bytes() == b"something else" * 1000


@pytest.fixture
def holding(data: Path) -> Iterator[Callable[[], int]]:
    """Has another process open the database; gives its PID."""
    held: list[subprocess.Popen[bytes]] = []

    def hold() -> int:
        data.mkdir(exist_ok=True)
        code = (
            "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True);"
            " sys.stdin.read()"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(data / "hub.duckdb")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        held.append(process)
        process.stdout.readline()
        return process.pid

    yield hold
    for process in held:
        process.communicate()


def test_a_database_in_use_is_told_with_who_holds_it(run, data, hub, holding):
    holder = holding()
    code, said = run("load", "--hub", hub, *DAY)
    assert code == 1
    assert f"cannot be opened for writing: process {holder} (python" in said
    assert "Close it there, then run the same command again" in said


def test_a_database_that_is_opened_elsewhere_while_a_load_runs_is_told_with_who_holds_it(
    run, data, hub, holding, monkeypatch
):
    """Dlt guesses at wrong credentials and a network that is down, and we at a full disk."""
    load, holders = RawTables.load, []

    def late(self: RawTables, *arguments: object, **options: object) -> object:
        if not holders:
            holders.append(holding())
        return load(self, *arguments, **options)

    monkeypatch.setattr(RawTables, "load", late)
    code, said = run("load", "--hub", hub, *DAY)
    assert code == 1
    (error,) = (line for line in said.splitlines() if line.startswith("error: "))
    assert f"hub.duckdb: process {holders[0]} (python" in error
    assert not {"credentials", "connection", "disk"} & set(error.split())


@pytest.mark.parametrize("path", ["/dev/null/hub.duckdb", "/proc/hub.duckdb"])
def test_a_place_that_cannot_be_written_is_told_before_the_crawl(run, data, hub, monkeypatch, path):
    monkeypatch.setenv("HUB_DUCKDB_PATH", path)
    code, said = run("load", "--hub", hub, *DAY)
    assert code == 1
    assert "It cannot be written there. Set HUB_DUCKDB_PATH" in said
    assert not list(data.rglob("page-*"))


def test_a_database_called_like_a_schema_is_refused(run, hub, data, monkeypatch):
    monkeypatch.setenv("HUB_DUCKDB_PATH", str(data / "marts.duckdb"))
    code, said = run("load", "--hub", hub, *DAY)
    assert code == 1
    assert "cannot be called marts.duckdb" in said


@pytest.mark.parametrize(
    ("option", "project", "told"),
    [
        ("--target", "", "set GOOGLE_CLOUD_PROJECT"),
        ("--target", "p", "finds no credentials"),
        ("--destination", "", "BigQuery needs a project"),  # its older name
    ],
)
def test_bigquery_names_what_is_missing_before_the_crawl(
    run, hub, data, monkeypatch, tmp_path, option, project, told
):
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", project)
    monkeypatch.setenv("HOME", str(tmp_path))  # where gcloud would have left a login
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    for name in ("BIGQUERY_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    code, said = run("load", "--hub", hub, *DAY, option, "bigquery")
    assert (code, told in said) == (1, True), said
    assert not list((data / "landing").rglob("*.zst"))
