"""The facts of a machine that its figures must be read with."""

import os
import platform
import subprocess
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tools.bench.measure import ROOT

_PACKAGES = ("duckdb", "dlt", "dbt-core", "dbt-duckdb", "huggingface_hub")


def description() -> dict[str, Any]:
    """Processor, memory, load and versions, as they are now."""
    return {
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "commit": _commit(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gigabytes": round(
            os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1
        ),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        **{package: version(package) for package in _PACKAGES},
    }


def sentence(machine: dict[str, Any]) -> str:
    """The description, as the head of a table."""
    versions = ", ".join(f"{name} {machine[name]}" for name in ("python", *_PACKAGES))
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gigabytes']} GB; load "
        f"average at the start {machine['load_average'][0]}; {machine['system']}; {versions}; "
        f"commit {machine['commit'] or 'unknown'}; {machine['measured_at']}"
    )


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux
        return platform.processor() or platform.machine()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())


def _commit() -> str | None:
    """The commit that was measured, with a + where files had been changed; None outside of git."""
    command = ["git", "describe", "--always", "--dirty=+"]
    try:
        return subprocess.check_output(
            command, cwd=ROOT, text=True, stderr=subprocess.DEVNULL
        ).strip()
    except (OSError, subprocess.CalledProcessError):
        return None
