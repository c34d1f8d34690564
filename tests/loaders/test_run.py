"""The signals that a scheduler goes by: exit codes, and the summary that each run leaves."""

import json
import os
import runpy
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from loaders.settings import RequestOptions
from simulator import Fault, LocalHubServer, RecordFolder
from tests.loaders.bucket import Bucket, served
from tests.loaders.conftest import dataset, model, on_day, query, write_records

ROOT = Path(__file__).parents[2]


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A folder of 1,200 models, one of which cannot be read, and 10 datasets."""
    return write_records(
        tmp_path / "hub",
        models=[*(model(n) for n in range(1_199)), model(1_199, downloads="many")],
        datasets=(dataset(n) for n in range(10)),
    )


@pytest.fixture
def summary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of the summary of every run of the test, in a folder that is not there yet."""
    path = tmp_path / "target" / "summary.json"
    monkeypatch.setenv("HUB_SUMMARY", str(path))
    return path


def read(path: Path) -> dict[str, Any]:
    assert os.listdir(path.parent) == [path.name]  # nothing half written beside it
    return json.loads(path.read_text())


def test_a_load_leaves_what_it_did(run, hub, summary_file):
    def once(number: int, path: str) -> Fault | None:
        return Fault(status=429, headers={"RateLimit": '"api";r=0;t=0'}) if number == 2 else None

    with LocalHubServer(RecordFolder(hub), fault=once) as server, on_day("2026-10-15"):
        code, said = run("load", "--hub", server.endpoint, "--snapshot-date", "2026-10-15")
    assert code == 0, said
    summary = read(summary_file)
    for seconds in (summary.pop("seconds"), summary["listings"]["models"].pop("load_seconds")):
        assert 0 < seconds < 600
    assert summary["listings"]["models"].pop("crawl_seconds") > 0
    started, finished = (
        datetime.fromisoformat(summary.pop(name)) for name in ("started_at", "finished_at")
    )
    assert started < finished
    models, datasets = (summary["listings"][kind] for kind in ("models", "datasets"))
    del summary["listings"]
    assert summary == {
        "command": f"python -m loaders load --hub {server.endpoint} --snapshot-date 2026-10-15",
        "target": "duckdb",
        "exit_code": 0,
        "error": None,
        "hub": server.endpoint,
        "snapshot_date": "2026-10-15",
        "requests": 4,
        "rate_limited": 1,
        "archives": {},
        "asked": None,
    }
    assert models.pop("bytes") > 100_000
    assert models["requests"] + datasets["requests"] == 4
    assert models.pop("rate_limited") + datasets["rate_limited"] == 1
    del models["requests"]
    assert models == {
        "listed": 1_200,
        "pages": 2,
        "pages_fetched": 2,
        "is_loaded": True,
        "records": 1_199,
        "rejects": {"malformed": 1},
        "without_created_at": 0,
        "tags_cut": 0,
        "is_forced": False,
        "overruled": None,
        "out_of_order": 0,
        "cursors_that_differ": 0,
        "cursors_unchecked": 0,
    }


def test_a_load_that_failed_leaves_why_and_how_far_it_came(run, hub, summary_file):
    def down(number: int, path: str) -> Fault | None:
        return Fault(status=503) if "cursor" in path else None

    with LocalHubServer(RecordFolder(hub), fault=down) as server:
        code, _ = run("load", "--hub", server.endpoint, "--retries", 0)
        assert code == 1
        summary = read(summary_file)
        assert "answered 503" in summary["error"]
        assert (summary["exit_code"], summary["requests"]) == (1, 3)
        assert summary["listings"]["models"]["pages"] == 1
        assert summary["listings"]["models"]["is_loaded"] is False
        assert summary["listings"]["models"]["records"] is None
        server._fault = lambda number, path: None
        code, _ = run("load", "--hub", server.endpoint)
    summary = read(summary_file)
    assert (code, summary["exit_code"], summary["error"]) == (0, 0, None)
    listing = summary["listings"]["models"]
    assert (listing["pages"], listing["pages_fetched"]) == (2, 1)


def test_asking_about_models_leaves_what_was_answered(served_hub, summary_file):
    served_hub.serve(
        *(
            model(n, pipeline_tag="text-generation", usedStorage=1) | {"spaces": []}
            for n in range(3)
        )
    )
    served_hub.load()
    code, said = served_hub.run("details")
    assert code == 0, said
    summary = read(summary_file)
    assert summary["asked"]["answers"] == {"found": 3}
    assert summary["requests"] == 3


def test_no_run_says_the_token_or_a_password(run, data, hub, summary_file, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_verysecret")
    told = Fault(status=401, body=b"the token hf_verysecret is wrong")
    with LocalHubServer(RecordFolder(hub), fault=lambda *_: told) as server:
        code, said = run("load", "--hub", server.endpoint)
    assert (code, "verysecret" in said) == (1, False)
    assert "verysecret" not in summary_file.read_text()
    code, said = run("load", "--hub", "https://user:verysecret@hub")
    assert (code, "verysecret" in said) == (1, False)
    assert "verysecret" not in summary_file.read_text()


def test_options_in_a_traceback_or_a_log_do_not_show_the_token():
    given = {"quota_share": 1.0, "timeout": 1.0, "retries": 0, "token_over_http": False}
    options = RequestOptions(token="hf_verysecret", **given)
    assert options.token == "hf_verysecret"
    assert "verysecret" not in f"{options} {options!r}"


def test_a_summary_that_cannot_be_written_does_not_change_how_a_run_ends(run, hub):
    code, said = run(
        "load", "--hub", hub, "--snapshot-date", "2026-10-15", "--summary", "/dev/null/summary.json"
    )
    assert code == 0
    assert "warning: the summary /dev/null/summary.json cannot be written" in said


def test_an_error_that_nobody_thought_of_ends_with_1_and_is_in_the_summary(
    run, hub, summary_file, monkeypatch
):
    def fail(*_: object, **__: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr("loaders.warehouse.raw_tables.RawTables.load", fail)
    with pytest.raises(MemoryError):
        run("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    summary = read(summary_file)
    assert (summary["exit_code"], summary["error"]) == (1, "MemoryError: no room")


def test_a_reader_that_goes_away_ends_a_run_with_1_and_no_traceback(run, data, hub):
    run("load", "--hub", hub, "--snapshot-date", "2026-10-15")
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run(
        [sys.executable, "-m", "loaders", "snapshots"],
        cwd=ROOT,
        stdout=writer,
        stderr=subprocess.PIPE,
    )
    os.close(writer)
    assert (process.returncode, process.stderr) == (1, b"")


@pytest.mark.parametrize(
    "arguments",
    [[], ["lod"], ["load", "--keep-pages", "0"], ["snapshots", "--drop", "2026-13-01"]],
)
def test_a_wrong_argument_ends_with_2(run, arguments):
    code, said = run(*arguments)
    assert code == 2
    assert "usage:" in said


def test_the_help_of_every_command_names_the_exit_codes(run):
    for command in ([], ["load"], ["parameters"], ["details"], ["snapshots"]):
        code, said = run(*command, "--help")
        assert code == 0
        assert "Exit codes: 0 done; 1 refused or failed" in " ".join(said.split())


@pytest.mark.parametrize(
    "command",
    [
        *("loaders load", "loaders parameters", "loaders details", "loaders snapshots"),
        *("simulator", "reports build", "tools.bench", "tools.faults", "tools.layers"),
    ],
)
def test_the_help_of_every_command_says_what_a_default_means(monkeypatch, capsys, command):
    module, *rest = command.split()
    monkeypatch.setattr(sys, "argv", [module, *rest, "--help"])
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as end:
        runpy.run_module(module, run_name="__main__")
    signal.signal(signal.SIGTERM, handler)  # which python -m loaders sets
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: python -m {command} ")
    assert "default: None" not in said
    assert "default: False" not in said


def load_into(bucket: Bucket, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A load whose landing zone is a bucket, in a process of its own."""
    with served(bucket) as address:
        return subprocess.run(
            [sys.executable, "-m", "loaders", "load", *arguments],
            cwd=ROOT,
            env=os.environ
            | {
                "HUB_LANDING": "gs://bucket/landing",
                "STORAGE_EMULATOR_HOST": address,
                "FSSPEC_GS_TOKEN": "anon",
            },
            capture_output=True,
            text=True,
        )


def test_a_bucket_that_refuses_is_told_in_one_line(data, hub):
    bucket = Bucket()
    bucket.refusal = 401
    process = load_into(bucket, "--hub", str(hub), "--snapshot-date", "2026-10-15")
    assert process.returncode == 1
    assert process.stderr.startswith(
        "error: The landing zone gs://bucket/landing cannot be used: Anonymous caller has no right"
    )
    assert process.stderr.count("\n") == 1


def test_a_new_bucket_takes_the_first_crawl_and_keeps_the_newest(data, hub):
    bucket = Bucket()
    for day in ("2026-10-15", "2026-10-16"):
        process = load_into(bucket, "--hub", str(hub), "--snapshot-date", day, "--keep-pages", "1")
        assert process.returncode == 0, process.stderr
    assert query(data, "select count(*) from hub_raw.snapshots") == [(4,)]
    crawls = {name.rpartition("/")[0] for name in bucket.objects if "page-" in name}
    assert {name.rpartition("/")[2] for name in crawls} == {"2026-10-16"}
