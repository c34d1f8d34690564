"""The whole run as a scheduler starts it: ``deploy/run.py``."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from deploy import run
from deploy.run import Settings
from loaders.cli import main as loaders_main
from loaders.landing.lock import SILENCE_OF_A_DEAD_RUN
from simulator import Fault, LocalHubServer, RecordFolder
from tests import forked
from tests.loaders.conftest import dataset, model, write_records
from tests.network import Watch, without_network

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, str(ROOT / "deploy" / "run.py")]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    profile = (ROOT / "profiles.example.yml").read_text(encoding="utf-8")
    (tmp_path / "profiles.yml").write_text(profile, encoding="utf-8")
    return os.environ | {
        "DBT_PROFILES_DIR": str(tmp_path),
        "HUB_DUCKDB_PATH": str(tmp_path / "data" / "hub.duckdb"),
        "HUB_LANDING": str(tmp_path / "landing"),
        "HUB_RUNS": str(tmp_path / "runs"),
        "TARGET": "duckdb",
    }


def kept(folder: Path) -> tuple[Path, dict[str, Any]]:
    """The one folder that a run has kept, and its run.json."""
    (run,) = (folder / "runs").iterdir()
    return run, json.loads((run / "run.json").read_text(encoding="utf-8"))


def test_a_good_run_keeps_its_report_and_says_what_it_did(tmp_path, environment):
    environment["HUB"] = "sample"
    # Options of the loader and of dbt, as somebody without a clone gives them to the job.
    given = [*without_network(), *COMMAND, "monthly", "--refetch", "--full-refresh"]
    watch = Watch(tmp_path / "watch")
    run = subprocess.run(given, env=environment | watch.environment(), capture_output=True)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    assert watch.hosts() == []
    folder, summary = kept(tmp_path)
    assert summary["exit_code"] == 0
    assert [step["name"] for step in summary["steps"]] == ["load", "freshness", "build", "report"]
    assert {step["exit_code"] for step in summary["steps"]} == {0}
    assert summary["load"]["hub"] == "sample"
    assert summary["load"]["listings"]["models"]["records"] > 0
    assert summary["dbt"]["statuses"]["pass"] > 100
    assert summary["dbt"]["not_good"] == []
    assert (summary["warnings"], summary["severity"]) == (0, "INFO")
    assert summary["command"] == "monthly --refetch --full-refresh"
    assert "--refetch" in summary["load"]["command"]
    assert (folder / "report" / "index.html").stat().st_size > 0
    assert list((folder / "report" / "extracts").glob("*.csv"))
    assert f"Page: {folder / 'report' / 'index.html'} (" in run.stdout.decode()
    artefacts = {"manifest.json", "run_results.json", "sources.json", "dbt.log", "load.json"}
    assert artefacts <= {path.name for path in folder.iterdir()}
    made = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert "model.hub_observatory.new_models" in made["nodes"]
    said = [line for line in run.stdout.decode().splitlines() if line.startswith('{"started_at"')]
    assert json.loads(said[0]) == summary
    # What comes after needs a warehouse, and takes no more than its first step.
    environment["HUB_RUNS"] = str(tmp_path / "more-runs")
    for more, said in (
        (["parameters", "--dry-run", "--budget", "5"], b"requests"),
        (["snapshots"], b"models"),
    ):
        run = subprocess.run([*COMMAND, *more], env=environment, capture_output=True)
        assert run.returncode == 0, run.stderr
        assert said in run.stdout
    wrong = subprocess.run([*COMMAND, "snapshots", "--drop=1999-99-99"], env=environment)
    assert wrong.returncode == 2


def test_the_good_run_above_has_no_network():
    reach = "import socket\nwith socket.create_server(('127.0.0.1', 0)) as server:\n"
    reach += "    socket.create_connection(server.getsockname(), 5).close()\n"
    reach += "socket.create_connection(('192.0.2.1', 80), 5)"
    if not (place := without_network()):
        pytest.skip("nobody may make a network namespace here (unshare --map-root-user --net)")
    run = subprocess.run([*place, sys.executable, "-c", reach], capture_output=True, text=True)
    assert "Network is unreachable" in run.stderr


def test_a_load_that_fails_ends_the_run_with_its_exit_code(tmp_path, environment):
    run = subprocess.run(COMMAND, env=environment | {"HUB": "/no/such/folder"})
    assert run.returncode == 1
    _, summary = kept(tmp_path)
    assert [(step["name"], step["exit_code"]) for step in summary["steps"]] == [("load", 1)]
    assert "is no folder" in summary["load"]["error"]
    # After a kill it is started again on another machine, where the lock holds for a while.
    wait = re.search(r"--wait-for-lock (\d+)", summary["load"]["command"])
    assert timedelta(minutes=int(wait[1])) > SILENCE_OF_A_DEAD_RUN
    assert summary["dbt"] is None


def test_a_failed_data_test_is_named_and_no_report_is_made(tmp_path, environment):
    records = write_records(
        tmp_path / "records", models=[model(number) for number in range(20)], datasets=[dataset(1)]
    )
    load = ["loaders", "load", "--hub", str(records), "--snapshot-date", "2025-02-15"]
    assert forked.run(load, environment).returncode == 0
    with duckdb.connect(environment["HUB_DUCKDB_PATH"]) as connection:
        connection.execute("update hub_raw.snapshots set records = 21 where kind = 'models'")
    run = subprocess.run([*COMMAND, "build"], env=environment, capture_output=True)
    assert run.returncode == 1
    folder, summary = kept(tmp_path)
    assert [step["name"] for step in summary["steps"]] == ["build"]
    assert "test.hub_observatory.snapshots_hold_what_was_crawled" in summary["dbt"]["not_good"]
    assert not (folder / "report").exists()
    assert summary["severity"] == "ERROR"
    assert summary["message"] == "build: build failed with exit code 1"
    assert (folder / "manifest.json").exists()
    assert (folder / "run_results.json").exists()


def test_a_run_that_is_cancelled_says_so_and_waits_for_no_answer(tmp_path, environment):
    records = write_records(tmp_path / "records", models=[model(1)], datasets=[dataset(1)])
    is_asked = threading.Event()

    def stall(number: int, target: str) -> Fault:
        is_asked.set()
        return Fault(stall_seconds=3_600)

    with LocalHubServer(RecordFolder(records), fault=stall) as hub:
        run = subprocess.Popen(COMMAND, env=environment | {"HUB": hub.endpoint})
        assert is_asked.wait(300)
        run.send_signal(signal.SIGTERM)
        assert run.wait() == 128 + signal.SIGTERM
    _, summary = kept(tmp_path)
    assert summary["exit_code"] == 128 + signal.SIGTERM
    assert [step["name"] for step in summary["steps"]] == ["load"]
    # The loader got to its end, too, and so let go of its lock: the next run need not wait.
    assert summary["load"]["error"] == "stopped"


def run_with(steps: str, environment: dict[str, str], **options: Any):
    """A run of which the steps are replaced, since dbt and the report take their time."""
    program = f"import sys\nfrom deploy import run\nrun._steps = {steps}\nsys.exit(run.main([]))"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        **options,
    )


def test_a_run_that_cannot_be_kept_is_no_good_run(tmp_path, environment):
    (tmp_path / "runs").write_text("a file where the folder should be")
    run = run_with("lambda *_: {}", environment)
    assert run.returncode == 1
    assert f"error: {environment['HUB_RUNS']}/" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_run_that_is_killed_leaves_what_it_had(tmp_path, environment):
    """A run that takes too much memory is killed so: nobody asks it before."""
    killed = "['/bin/sh', '-c', 'kill -9 $PPID']"
    run = run_with(
        f"lambda *_: {{'first': [sys.executable, '-c', ''], 'second': {killed}}}", environment
    )
    assert run.returncode == -signal.SIGKILL
    _, summary = kept(tmp_path)
    assert [(step["name"], step["exit_code"]) for step in summary["steps"]] == [("first", 0)]
    assert summary["exit_code"] is None


def test_a_warning_is_counted_where_an_alert_looks_for_it(tmp_path, environment):
    results = {
        "elapsed_time": 1.0,
        "results": [
            {"unique_id": "test.few_records_are_malformed", "status": "warn"},
            {"unique_id": "test.other", "status": "pass"},
        ],
    }
    # As the macro print_summary writes it; what a stranger's record says stays code.
    said = '\x1b[0m03:00:01  WARNING few_records_are_malformed: "3 records, <b>such</b>"\x1b[0m\n'
    program = (
        "import os, pathlib; folder = pathlib.Path(os.environ['DBT_TARGET_PATH']);"
        f"(folder / 'run_results.json').write_text({json.dumps(results)!r});"
        "log = pathlib.Path(os.environ['DBT_LOG_PATH'], 'dbt.log');"
        f"log.write_text({said!r})"
    )
    run = run_with(f"lambda *_: {{'build': [sys.executable, '-c', {program!r}]}}", environment)
    assert run.returncode == 0, run.stderr
    folder, summary = kept(tmp_path)
    assert (summary["warnings"], summary["severity"]) == (1, "WARNING")
    assert summary["message"] == "monthly: done, warnings: 1"
    assert summary["dbt"]["not_good"] == ["test.few_records_are_malformed"]
    reason = 'few_records_are_malformed: "3 records, <b>such</b>"'
    assert summary["reasons"] == [reason]
    shown = (folder / "summary.md").read_text(encoding="utf-8").splitlines()
    assert shown[0] == "**monthly: done, warnings: 1**"
    assert f"    {reason}" in shown
    (line,) = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    assert line == summary


SETTINGS = Settings("https://hub.example", "duckdb", "data/runs", "", None)


@pytest.mark.parametrize(
    ("given", "steps"),
    [
        ([], ["load", "freshness", "build", "report"]),
        (["--force"], ["load", "freshness", "build", "report"]),
        (["monthly", "--dry-run"], ["load"]),
        (["parameters", "--budget", "5"], ["parameters", "build", "report"]),
        (["details"], ["details", "build", "report"]),
        (["snapshots"], ["snapshots"]),
        (["snapshots", "--drop", "2026-05-01"], ["snapshots", "build", "report"]),
        (["snapshots", "--dr=2026-05-01"], ["snapshots", "build", "report"]),
        (["build"], ["build", "report"]),
    ],
)
def test_a_command_brings_what_follows_from_it(given, steps):
    made = run._steps(run.parse(given, SETTINGS), SETTINGS, Path("kept"), "gs://bucket/runs/1")
    assert list(made) == steps


def test_a_report_is_published_where_a_site_is_set():
    settings = replace(SETTINGS, site="gs://bucket/site")
    made = run._steps(run.parse([], settings), settings, Path("kept"), "gs://bucket/runs/1")
    assert list(made) == ["load", "freshness", "build", "report", "site"]
    assert made["site"][-4:] == ["--output", "gs://bucket/site", "--report", "kept/report"]
    looked = run._steps(run.parse(["snapshots"], settings), settings, Path("kept"), "runs/1")
    assert list(looked) == ["snapshots"]


def test_options_reach_the_step_that_knows_them():
    given = ["--force", "--refetch", "--full-refresh", "--snapshot-date", "2026-05-01"]
    command = run.parse(given, SETTINGS)
    assert str(command) == "monthly --force --refetch --snapshot-date 2026-05-01 --full-refresh"
    steps = run._steps(command, SETTINGS, Path("kept"), "gs://bucket/runs/1")
    assert steps["load"][-4:] == ["--force", "--refetch", "--snapshot-date", "2026-05-01"]
    assert "--full-refresh" in steps["build"]
    assert "--full-refresh" not in steps["load"]
    assert steps["report"][-2:] == ["--kept-at", "gs://bucket/runs/1/report"]
    drop = run.parse(["snapshots", "--drop", "2026-05-01", "--kind=models", "--force"], SETTINGS)
    dropped = run._steps(drop, SETTINGS, Path("kept"), "gs://bucket/runs/1")["snapshots"]
    assert dropped[-4:] == ["--drop", "2026-05-01", "--kind=models", "--force"]


@pytest.mark.parametrize(
    ("given", "settings", "said"),
    [
        (["--targ=duckdb"], {}, "--target cannot be given here: it follows from TARGET"),
        (["monthly", "--hub", "sample"], {}, "--hub cannot be given here: it follows from HUB"),
        (["details", "--wait-for-lock=0"], {}, "--wait-for-lock cannot be given here"),
        (["build", "--force"], {}, "build has no option --force"),
        (["weekly"], {}, "invalid choice: 'weekly'"),
        ([], {"hub": "sample", "target": "bigquery"}, "set HUB_SCHEMA_PREFIX, such as sample_"),
    ],
)
def test_a_command_line_that_is_wrong_starts_nothing(given, settings, said, capsys):
    with pytest.raises(SystemExit) as refused:
        run.parse(given, replace(SETTINGS, **settings))
    assert refused.value.code == 2
    assert said in capsys.readouterr().err


def test_every_command_is_one_that_the_loaders_know():
    for command in filter(None, run.LOADERS.values()):
        with pytest.raises(SystemExit) as told:
            loaders_main([command, "--help"])
        assert told.value.code == 0
