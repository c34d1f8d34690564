"""No command tells anybody that it runs: no host is looked up but the Hub that it is given.

A whole run is watched in ``tests/test_run.py``.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.network import Watch
from tests.warehouse import builds

REPORTING = ("DBT_", "DO_NOT_TRACK", "HF_HUB_DISABLE", "DISABLE_TELEMETRY", "RUNTIME__")


def hosts(tmp_path: Path, *commands: list[str], **settings: str) -> list[str]:
    """The hosts that commands look up, started in another folder than the project's."""
    watch = Watch(tmp_path / "watch")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(REPORTING)}
    environment |= watch.environment() | settings
    environment["PYTHONPATH"] += os.pathsep + str(builds.ROOT)
    environment["HOME"] = str(tmp_path)  # where a library may have kept an answer
    for command in commands:
        run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr[-2000:]
    return watch.hosts()


def loaders(*arguments: str) -> list[str]:
    small = ("--hub", "sample", "--sample-models", "300", "--sample-datasets", "5")
    return [sys.executable, "-m", "loaders", *arguments, *small]


def test_the_loaders_look_nobody_up_wherever_they_are_started(tmp_path):
    limit = ("--limit", "3")
    commands = loaders("load"), loaders("parameters", *limit), loaders("details", *limit)
    assert hosts(tmp_path, *commands) == []


@pytest.fixture
def dbt(tmp_path: Path) -> list[str]:
    """The shortest command of dbt that reports itself, by hand."""
    shutil.copy(builds.ROOT / "profiles.example.yml", tmp_path / "profiles.yml")
    folders = ("--project-dir", str(builds.ROOT), "--profiles-dir", str(tmp_path))
    return [str(builds.DBT), "deps", *folders, "--log-path", str(tmp_path)]


def test_dbt_by_hand_looks_nobody_up(tmp_path, dbt):
    assert hosts(tmp_path, dbt) == []


def test_a_look_up_would_be_seen(tmp_path):
    look_up = "import socket, contextlib\nwith contextlib.suppress(OSError):\n"
    look_up += "    socket.getaddrinfo('nobody.invalid', 443)"
    (told,) = hosts(tmp_path, [sys.executable, "-c", look_up])
    assert told.startswith("nobody.invalid by ")
