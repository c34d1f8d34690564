"""The whole run as a scheduler starts it: ``deploy/run.py``."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders.local_hub import Fault, LocalHubServer, RecordFolder
from loaders.lock import SILENCE_OF_A_DEAD_RUN
from tests.loaders.conftest import dataset, model, write_records

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
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "TARGET": "duckdb",
    }


def kept(folder: Path) -> tuple[Path, dict[str, Any]]:
    """The one folder that a run has kept, and its run.json."""
    (run,) = (folder / "runs").iterdir()
    return run, json.loads((run / "run.json").read_text(encoding="utf-8"))


def test_a_good_run_keeps_its_report_and_says_what_it_did(tmp_path, environment):
    run = subprocess.run(COMMAND, env=environment | {"HUB": "sample"}, capture_output=True)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    folder, summary = kept(tmp_path)
    assert summary["exit_code"] == 0
    assert [step["name"] for step in summary["steps"]] == ["load", "freshness", "build", "report"]
    assert {step["exit_code"] for step in summary["steps"]} == {0}
    assert summary["load"]["hub"] == "sample"
    assert summary["load"]["listings"]["models"]["records"] > 0
    assert summary["dbt"]["statuses"]["pass"] > 100
    assert summary["dbt"]["not_good"] == []
    assert (folder / "report" / "index.html").stat().st_size > 0
    assert list((folder / "report" / "extracts").glob("*.csv"))
    assert (folder / "sources.json").exists()
    said = [line for line in run.stdout.decode().splitlines() if line.startswith('{"started_at"')]
    assert json.loads(said[0]) == summary


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
    environment |= {"HUB": str(records), "SNAPSHOT_DATE": "2025-03-15"}
    load = [sys.executable, "-m", "loaders", "load", "--hub", str(records)]
    subprocess.run([*load, "--snapshot-date", "2025-02-15"], cwd=ROOT, env=environment, check=True)
    with duckdb.connect(environment["HUB_DUCKDB_PATH"]) as connection:
        connection.execute("update hub_raw.snapshots set records = 21 where kind = 'models'")
    run = subprocess.run(COMMAND, env=environment, capture_output=True)
    assert run.returncode == 1
    folder, summary = kept(tmp_path)
    assert [step["name"] for step in summary["steps"]] == ["load", "freshness", "build"]
    assert "test.hub_observatory.snapshots_hold_what_was_crawled" in summary["dbt"]["not_good"]
    assert not (folder / "report").exists()


def test_a_run_that_is_cancelled_says_so_within_seconds(tmp_path, environment):
    records = write_records(tmp_path / "records", models=[model(1)], datasets=[dataset(1)])
    is_asked = threading.Event()

    def stall(number: int, target: str) -> Fault:
        is_asked.set()
        return Fault(stall_seconds=60)

    with LocalHubServer(RecordFolder(records), fault=stall) as hub:
        run = subprocess.Popen(COMMAND, env=environment | {"HUB": hub.endpoint})
        assert is_asked.wait(60)
        started = time.monotonic()
        run.send_signal(signal.SIGTERM)
        assert run.wait(30) == 128 + signal.SIGTERM
        assert time.monotonic() - started < 10
    _, summary = kept(tmp_path)
    assert summary["exit_code"] == 128 + signal.SIGTERM
    assert [step["name"] for step in summary["steps"]] == ["load"]
    # The loader got to its end, too, and so let go of its lock: the next run need not wait.
    assert summary["load"]["error"] == "stopped"


def test_a_run_that_cannot_be_kept_is_no_good_run(tmp_path, environment):
    (tmp_path / "runs").write_text("a file where the folder should be")
    # The steps are left out, for they end well: dbt and the report take their time.
    steps_end_well = (
        "import sys\nfrom deploy import run\nrun._steps = lambda *_: {}\nsys.exit(run.main())"
    )
    run = subprocess.run(
        [sys.executable, "-c", steps_end_well],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert f"error: {environment['HUB_RUNS']}/" in run.stderr
    assert "Traceback" not in run.stderr
