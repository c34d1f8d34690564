"""One run of the observatory, as a scheduler starts it: a command, and what follows from it.

Each command is one or more steps; the first that fails ends the run with its exit code. Whatever
happens, what the run says of itself is kept under ``<HUB_RUNS>/<time of its start>/`` after each
step, so that a run that is killed leaves what it had: ``run.json``, the sum of it, then
``load.json`` of the loader, ``manifest.json``, ``run_results.json`` and ``sources.json`` of dbt,
dbt's log, and the report as far as it was made. Exit code 0: each step ended well, all is kept.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec

ROOT = Path(__file__).parents[1]
# Cloud Run kills ten seconds after it asked. The loader needs half of them to keep a page and let
# go of its lock; the rest is for keeping what the run says of itself.
SECONDS_TO_STOP = 6
# The lock of a run that was killed elsewhere, as Cloud Run does before it tries again, ends ten
# minutes after its last heartbeat.
MINUTES_TO_WAIT_FOR_LOCK = 12
DBT = str(Path(sys.executable).with_name("dbt"))
GOOD = ("success", "pass", "no-op")  # statuses of dbt's nodes
DBT_ARTEFACTS = ("manifest.json", "run_results.json", "sources.json")

# The commands, and what `python -m loaders` calls their first step.
LOADERS = {
    "monthly": "load",
    "history": "history",
    "parameters": "parameters",
    "details": "details",
    "snapshots": "snapshots",
    "build": None,
}
# Set for every step alike: one step that goes elsewhere would build the wrong tables.
SET_BY_ENVIRONMENT = {
    "--hub": "it follows from HUB",
    "--target": "it follows from TARGET",
    "--destination": "it follows from TARGET",
    "--summary": "it follows from HUB_RUNS",
    "--wait-for-lock": "a run sets it itself",
}


@dataclass(frozen=True)
class Settings:
    """The settings that the environment gives."""

    hub: str
    target: str
    runs: str
    prefix: str
    snapshot_date: str | None
    site: str | None = None

    @classmethod
    def from_environment(cls) -> "Settings":
        return cls(
            hub=os.environ.get("HUB") or "https://huggingface.co",
            target=os.environ.get("TARGET") or "duckdb",
            runs=os.environ.get("HUB_RUNS") or "data/runs",
            prefix=os.environ.get("HUB_SCHEMA_PREFIX") or "",
            snapshot_date=os.environ.get("SNAPSHOT_DATE") or None,
            site=os.environ.get("HUB_SITE") or None,
        )


@dataclass(frozen=True)
class Command:
    """The request of a run.

    Attributes:
        options: of the loader, as they were given.
        is_full_refresh: dbt builds every table anew.
        is_first_step_alone: nothing is changed, so nothing need be built.
    """

    name: str
    options: tuple[str, ...] = ()
    is_full_refresh: bool = False
    is_first_step_alone: bool = False

    def __str__(self) -> str:
        return shlex.join([self.name, *self.options, *["--full-refresh"] * self.is_full_refresh])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every step of a command and keep what is said of it; gives the exit code."""
    settings = Settings.from_environment()
    command = parse(sys.argv[1:] if arguments is None else arguments, settings)
    # A scheduler that cancels a run gives it seconds: enough to say that it was cancelled.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    started_at = datetime.now(UTC)
    run: dict[str, Any] = {"started_at": started_at.isoformat(), "command": str(command)}
    run |= {"hub": settings.hub, "target": settings.target, "prefix": settings.prefix}
    run |= {"steps": [], "exit_code": None}
    url = f"{settings.runs}/{started_at:%Y%m%dT%H%M%SZ}"
    exit_code = 1  # unless the steps say otherwise: an error of this program
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder)
        try:
            exit_code = _run_steps(_steps(command, settings, kept, url), run, kept, url)
        except SystemExit as stopped:
            exit_code = stopped.code if isinstance(stopped.code, int) else 1
        except KeyboardInterrupt:
            exit_code = 128 + signal.SIGINT
        finally:
            run["exit_code"] = exit_code
            _sum_up(run, kept)
            print(json.dumps(run), flush=True)  # one line: what the log-based alerts read
            error = _keep(kept, url)
    if error:
        print(
            f"error: {url} cannot be written: {error}. The tables stand; the report and what the "
            "run says of itself are lost. Make room or give the right to write, and run it again.",
            file=sys.stderr,
        )
        return exit_code or 1
    print(f"kept: {url}", flush=True)
    return exit_code


def parse(arguments: Sequence[str], settings: Settings) -> Command:
    """The command of a command line; SystemExit 2 where it is wrong."""
    parser = _parser()
    given = list(arguments)
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given.insert(0, "monthly")
    known, options = parser.parse_known_args(given)
    if known.command == "build" and options:
        parser.error(f"build has no option {options[0]}")
    for option in options:
        name = option.partition("=")[0]
        for known_name, advice in SET_BY_ENVIRONMENT.items():
            if len(name) > 3 and known_name.startswith(name):  # also where it is cut short
                parser.error(f"{known_name} cannot be given here: {advice}")
    if settings.target == "bigquery" and settings.hub == "sample" and not settings.prefix:
        parser.error(
            "the sample would stand in the datasets of production, which then takes no other Hub: "
            "set HUB_SCHEMA_PREFIX, such as sample_"
        )
    drop = getattr(known, "drop", None)
    return Command(
        name=known.command,
        options=(*(("--drop", drop) if drop else ()), *options),
        is_full_refresh=getattr(known, "full_refresh", False),
        is_first_step_alone="--dry-run" in options or (known.command == "snapshots" and not drop),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="deploy/run.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Options that are not listed here go to the loader, which knows them by name: see\n"
        "python -m loaders load --help, and so on. With --dry-run only the first step is run.\n\n"
        "Environment: HUB (an address, a folder or sample), TARGET (duckdb or bigquery),\n"
        "SNAPSHOT_DATE, HUB_RUNS (a folder, or gs://bucket/runs), HUB_SITE (the same, of a site\n"
        "to which the report is added), HUB_SCHEMA_PREFIX, and that of the steps.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, help: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=help, description=help)

    monthly = add("monthly", "load (with its options), check freshness, build, report; the default")
    add("history", "load earlier listings from an archive (--from, --since), build, report")
    add("parameters", "count the parameters that the listing lacks, build, report")
    add("details", "ask for storage and Spaces of the models for text generation, build, report")
    snapshots = add("snapshots", "list the snapshots; with --drop drop one, build, report")
    snapshots.add_argument("--drop", metavar="YYYY-MM-DD", help="the day of the snapshot")
    build = add("build", "build, report")
    for command in (monthly, build):
        command.add_argument(
            "--full-refresh", action="store_true", help="dbt builds every table anew from hub_raw"
        )
    return parser


def _steps(command: Command, settings: Settings, kept: Path, url: str) -> dict[str, list[str]]:
    """The command line of each step, by its name, in order."""
    dbt_options = ["--target", settings.target, "--no-use-colors"]
    steps: dict[str, list[str]] = {}
    if loader := LOADERS[command.name]:
        date = settings.snapshot_date if loader == "load" else None
        steps[loader] = [
            *(sys.executable, "-m", "loaders", loader, "--target", settings.target),
            *(("--hub", settings.hub) if loader != "snapshots" else ()),
            *("--summary", str(kept / "load.json")),
            *("--wait-for-lock", str(MINUTES_TO_WAIT_FOR_LOCK)),
            *(("--snapshot-date", date) if date else ()),
            *command.options,
        ]
    if command.is_first_step_alone:
        return steps
    if loader == "load":
        steps["freshness"] = [DBT, "source", "freshness", *dbt_options]
    steps["build"] = [
        *(DBT, "build", *dbt_options, *["--full-refresh"] * command.is_full_refresh),
        # As make does: unit tests are of the code, which has passed them, and the kept log has all.
        *("--exclude-resource-type", "unit_test"),
        *("--log-level", "warn", "--log-level-file", "debug"),
    ]
    steps["report"] = [
        *(sys.executable, "-m", "reports", "build", "--target", settings.target),
        # The folder is removed at the end; what is printed names the place where a copy stays.
        *("--output", str(kept / "report"), "--kept-at", f"{url}/report"),
    ]
    if settings.site:
        steps["site"] = [sys.executable, "-m", "reports", "site", "--output", settings.site]
        steps["site"] += ["--report", str(kept / "report")]
    return steps


def _run_steps(steps: dict[str, list[str]], run: dict[str, Any], kept: Path, url: str) -> int:
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
            run["steps"].append(step)
            started = time.monotonic()
            try:
                exit_code = step["exit_code"] = _run(command, environment)
            finally:
                step["seconds"] = round(time.monotonic() - started, 1)
                # Copied: the report reads the manifest where dbt left it.
                for artefact in DBT_ARTEFACTS:
                    if (path := Path(target_folder, artefact)).exists():
                        shutil.copy(path, kept / artefact)
                        if artefact != "manifest.json":
                            path.unlink()
            if exit_code:
                return exit_code
            # Nobody is asked before a run that takes too much memory is killed.
            _sum_up(run, kept)
            if error := _keep(kept, url):
                print(f"warning: {url} cannot be written yet: {error}", file=sys.stderr)
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


def _sum_up(run: dict[str, Any], kept: Path) -> None:
    """Bring run.json up to date.

    Cloud Logging shows ``severity`` and ``message``; alerts read ``exit_code`` and ``warnings``.
    """
    started_at = datetime.fromisoformat(run["started_at"])
    run["seconds"] = round((datetime.now(UTC) - started_at).total_seconds(), 1)
    run["load"] = _read(kept / "load.json")
    run["freshness"] = _results(_read(kept / "sources.json"))
    run["dbt"] = _results(_read(kept / "run_results.json"))
    run["warnings"] = sum(p["statuses"].get("warn", 0) for p in (run["freshness"], run["dbt"]) if p)
    run["reasons"] = _reasons(kept / "dbt.log")
    last = run["steps"][-1]["name"] if run["steps"] else "start"
    severity, said = "INFO", "done"
    if run["exit_code"] is None:
        said = f"{last} has ended"
    elif run["exit_code"]:
        severity, said = "ERROR", f"{last} failed with exit code {run['exit_code']}"
    elif run["warnings"]:
        severity, said = "WARNING", f"done, warnings: {run['warnings']}"
    run |= {"severity": severity, "message": f"{run['command']}: {said}"}
    (kept / "run.json").write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")
    (kept / "summary.md").write_text(_summary(run), encoding="utf-8")


def _reasons(log: Path) -> list[str]:
    """Read what the guards print of what they found: the macro print_summary."""
    if not log.exists():
        return []
    found = re.findall(r"WARNING (\w+: .*)", log.read_text(encoding="utf-8", errors="replace"))
    return [re.sub(r"\x1b\[\d*m", "", reason)[:500] for reason in found[:50]]


def _summary(run: dict[str, Any]) -> str:
    """The run for a person, in Markdown; what the Hub said stands in code and does nothing."""
    lines = [f"**{run['message']}**", ""]
    lines += [f"- {s['name']}: exit code {s['exit_code']}, {s['seconds']} s" for s in run["steps"]]
    for part in (run["freshness"], run["dbt"]):
        lines += [f"- not good: `{name}`" for name in (part["not_good"] if part else ())]
    if run["reasons"]:
        lines += ["", *(f"    {reason}" for reason in run["reasons"])]
    return "\n".join(lines) + "\n"


def _read(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _results(artefact: dict[str, Any] | None) -> dict[str, Any] | None:
    """Count how dbt's nodes ended, and name those that did not end well."""
    if artefact is None:
        return None
    results = artefact["results"]
    return {
        "statuses": dict(Counter(result["status"] for result in results)),
        "not_good": [r["unique_id"] for r in results if r["status"] not in GOOD],
        "seconds": round(artefact["elapsed_time"], 1),
    }


def _keep(folder: Path, url: str) -> Exception | None:
    """Copy all of a folder to a place that fsspec knows; gives what went wrong."""
    try:
        fs, path = fsspec.core.url_to_fs(url)
        fs.makedirs(path, exist_ok=True)
        fs.put(f"{folder}/", f"{path}/", recursive=True)
    except Exception as error:  # each kind of bucket has errors of its own
        return error
    return None


if __name__ == "__main__":
    sys.exit(main())
