"""``make test`` itself: whatever a test does, the run ends, fails and says which test it was."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]

# One that a signal ends, and one in C code that no signal reaches.
HANGS = """
import hashlib, os, time

def test_waits_for_ever():
    time.sleep(100_000)

def test_computes_for_ever():
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
"""
CRASHES = """
import os, signal

def test_kills_its_process():
    os.kill(os.getpid(), signal.SIGTERM)

def test_is_good():
    pass
"""


def run(folder: Path, content: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Do what ``make test`` does, on a file of tests."""
    make = ["make", "--dry-run", "--no-print-directory"]
    make += ["--old-file", ".venv/bin/.installed-dev", "test"]
    told = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    _, _, arguments = told.replace("\\\n", " ").rpartition("-m pytest ")
    file = folder / "test_bad.py"
    file.write_text(content)
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            "pyproject.toml",
            *shlex.split(arguments),
            *options,
            file,
        ],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if "PYTEST" not in name},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_a_worker_that_crashes_ends_the_run_as_failed(tmp_path):
    crashed = run(tmp_path, CRASHES)
    assert crashed.returncode == 1, crashed.stdout
    assert re.search(r"crashed while running '\S*::test_kills_its_process'", crashed.stdout)


def test_a_test_that_hangs_is_ended_and_named(tmp_path):
    hung = run(tmp_path, HANGS, "-o", "timeout=1", "-o", "faulthandler_timeout=3")
    assert hung.returncode == 1, hung.stdout
    assert "test_waits_for_ever - Failed: Timeout" in hung.stdout
    assert re.search(r"crashed while running '\S*::test_computes_for_ever'", hung.stdout)


def test_the_tests_of_a_file_run_in_one_process_so_that_a_fixture_is_made_once():
    files = ("tests/tools/test_style.py", "tests/tools/test_bytes_read.py")
    options = ("-n", "2", "--dist", "loadgroup", "--verbose", *files)
    command = [sys.executable, "-m", "pytest", *options]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    ran = re.findall(r"^\[(gw\d)\] .* PASSED (\S+?)::", said, re.MULTILINE)
    assert len(ran) > 10, said
    assert sorted(file for _, file in set(ran)) == sorted(files)


def test_a_run_has_a_limit_below_an_hour():
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert 0 < options["timeout"] < options["faulthandler_timeout"]
    assert options["faulthandler_exit_on_timeout"] is True
    assert options["session_timeout"] + options["faulthandler_timeout"] < 3600
