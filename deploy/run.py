"""A whole monthly run, as a scheduler starts it: load, check freshness, build, report.

The first step that fails ends the run with its exit code. Whatever happens, what the run says
of itself is kept under ``<HUB_RUNS>/<time of its start>/``: ``run.json``, the sum of it, then
``load.json`` of the loader, ``sources.json`` and ``run_results.json`` of dbt, dbt's log, and the
report as far as it was made. Exit code 0 means that each step ended well and all of it is kept.

Environment: HUB (an address, a folder or ``sample``), TARGET (``duckdb`` or ``bigquery``),
SNAPSHOT_DATE, HUB_RUNS (a folder, or ``gs://bucket/runs``), and that of the steps.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec

ROOT = Path(__file__).parents[1]
# Cloud Run kills ten seconds after it asked. The loader needs half of them to keep a page and let
# go of its lock; what is left is for keeping what the run says of itself.
SECONDS_TO_STOP = 6
# The lock of a run that was killed elsewhere, as Cloud Run does before it tries again, ends ten
# minutes after its last sign of life.
MINUTES_TO_WAIT_FOR_LOCK = 12
DBT = str(Path(sys.executable).with_name("dbt"))


def main() -> int:
    """Run every step and keep what is said of it; gives the exit code."""
    # It takes no options; but who asks for help must not start a run.
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    # A scheduler that cancels a run gives it seconds: enough to say that it was cancelled.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    hub = os.environ.get("HUB") or "https://huggingface.co"
    target = os.environ.get("TARGET") or "duckdb"
    runs = os.environ.get("HUB_RUNS") or "data/runs"
    started_at = datetime.now(UTC)
    run: dict[str, Any] = {"started_at": started_at.isoformat(), "hub": hub, "target": target}
    run |= {"steps": [], "exit_code": 1}
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder)
        try:
            run["exit_code"] = _run_steps(_steps(hub, target, kept), run["steps"], kept)
        except SystemExit as stopped:
            run["exit_code"] = stopped.code
        except KeyboardInterrupt:
            run["exit_code"] = 128 + signal.SIGINT
        finally:
            run["seconds"] = round((datetime.now(UTC) - started_at).total_seconds(), 1)
            run["load"] = _read(kept / "load.json")
            run["dbt"] = _results(_read(kept / "run_results.json"))
            (kept / "run.json").write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")
            print(json.dumps(run), flush=True)  # one line: what a log-based alert can read
            is_kept = _keep(kept, f"{runs}/{started_at:%Y%m%dT%H%M%SZ}")
    return run["exit_code"] if is_kept else run["exit_code"] or 1


def _steps(hub: str, target: str, kept: Path) -> dict[str, list[str]]:
    """The command of each step, by its name, in order."""
    date = os.environ.get("SNAPSHOT_DATE")
    dbt_options = ["--target", target, "--no-use-colors"]
    return {
        "load": [
            *(sys.executable, "-m", "loaders", "load", "--hub", hub, "--destination", target),
            *("--summary", str(kept / "load.json")),
            *("--wait-for-lock", str(MINUTES_TO_WAIT_FOR_LOCK)),
            *(("--snapshot-date", date) if date else ()),
        ],
        "freshness": [DBT, "source", "freshness", *dbt_options],
        "build": [DBT, "build", *dbt_options],
        "report": [
            *(sys.executable, "-m", "reports", "build", "--target", target),
            *("--output", str(kept / "report")),
        ],
    }


def _run_steps(steps: dict[str, list[str]], said: list[dict[str, Any]], kept: Path) -> int:
    with tempfile.TemporaryDirectory() as target_folder:
        # Of this run alone, so that no result of an earlier one can pass for its own.
        environment = os.environ | {
            "DBT_TARGET_PATH": target_folder,
            "DBT_LOG_PATH": str(kept),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        for name, command in steps.items():
            print(f"== {name}", flush=True)
            step: dict[str, Any] = {"name": name, "exit_code": None}
            said.append(step)
            started = time.monotonic()
            try:
                step["exit_code"] = _run(command, environment)
            finally:
                step["seconds"] = round(time.monotonic() - started, 1)
                for result in ("sources.json", "run_results.json"):
                    if (path := Path(target_folder, result)).exists():
                        path.replace(kept / result)
            if step["exit_code"]:
                return step["exit_code"]
    return 0


def _run(command: list[str], environment: dict[str, str]) -> int:
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            return process.wait()
        except (SystemExit, KeyboardInterrupt) as stop:
            # So that the step, too, can put its things in order. Ctrl-C has reached it already.
            if isinstance(stop, SystemExit):
                process.terminate()
            try:
                process.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()
            raise


def _read(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _results(run_results: dict[str, Any] | None) -> dict[str, Any] | None:
    """How many of dbt's nodes ended how, and which did not end well."""
    if run_results is None:
        return None
    results = run_results["results"]
    statuses = Counter(result["status"] for result in results)
    good = {"success", "pass", "no-op"}
    return {
        "statuses": dict(statuses),
        "not_good": [r["unique_id"] for r in results if r["status"] not in good],
        "seconds": round(run_results["elapsed_time"], 1),
    }


def _keep(folder: Path, url: str) -> bool:
    try:
        fs, path = fsspec.core.url_to_fs(url)
        fs.makedirs(path, exist_ok=True)
        fs.put(f"{folder}/", f"{path}/", recursive=True)
    except Exception as error:  # each kind of bucket has errors of its own
        print(
            f"error: {url} cannot be written: {error}. The tables stand; the report and what the "
            "run says of itself are lost. Make room or give the right to write, and run it again.",
            file=sys.stderr,
        )
        return False
    print(f"kept: {url}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
