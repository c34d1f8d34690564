"""The commands that ``make`` would run, by its settings."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.warehouse.builds import ROOT

SETTINGS = {"HUB", "TARGET", "SNAPSHOT_DATE", "HUB_DUCKDB_PATH", "MAKEFLAGS", "MAKELEVEL"}


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Make that prints its commands and runs none, with everything installed."""
    environment = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    command = ["make", "--dry-run", "--old-file", "install", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("setting", ["hub=folder", "target=bigquery", "Hub=x"])
def test_a_setting_in_lower_case_is_not_silently_the_sample(setting):
    made = make("run", setting)
    assert made.returncode != 0
    assert f"error: unknown setting '{setting.partition('=')[0]}'" in made.stderr
    assert made.stdout == ""


@pytest.mark.parametrize("setting", ["HUB=", "HUB= "])
def test_an_empty_hub_is_not_taken_for_a_folder_without_a_name(setting):
    made = make("load", setting)
    assert made.returncode != 0
    assert "error: HUB is empty" in made.stderr
    assert made.stdout == ""


def test_the_sample_gets_its_past_and_details_and_the_real_hub_is_not_asked_for_them():
    sample, real = make("run").stdout, make("run", "HUB=https://huggingface.co").stdout
    assert 'loaders details --hub "sample"' in sample
    assert '--from "hf://datasets/observatory/hub-history"' in sample
    assert "details" not in real
    assert "history" not in real
    assert (
        '--hub "folder" --target bigquery'
        in make("details", "HUB=folder", "TARGET=bigquery").stdout
    )


def test_steps_stay_in_order_where_make_works_on_several_at_a_time():
    steps = [line.split()[-1] for line in make("--jobs=4", "run").stdout.splitlines()]
    alone = [line.split()[-1] for line in make("run").stdout.splitlines()]
    assert steps == alone
    assert len(steps) == 5


def test_a_sample_of_a_past_day_has_no_history_of_later_days():
    made = make("run", "SNAPSHOT_DATE=2025-06-30").stdout
    assert "--until 2025-06-30" in made
    assert "--until" not in make("run").stdout


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_no_setting_of_the_project_makes_uv_refuse_a_lock(lock, tmp_path):
    """Pip does it then, in minutes, and what has no pip to fall back on fails."""
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        pytest.skip("there is no uv in this environment")
    venv.create(tmp_path / "empty", with_pip=False)
    options = ["--dry-run", "--offline", "--require-hashes", "--no-deps", "-r", lock]
    command = [uv, "pip", "install", *options, "--python", tmp_path / "empty"]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    # That it cannot reach the index here is another matter.
    assert "--require-hashes" not in refused.stderr
