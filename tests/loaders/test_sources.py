"""Sources that ``--hub`` can name."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import simulator
from simulator import LocalHubServer, RecordFolder
from tests.loaders.conftest import dataset, model, query, write_records

ROOT = Path(__file__).parents[2]


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """The loaders in a folder without the simulator."""
    shutil.copytree(ROOT / "loaders", tmp_path / "alone" / "loaders")
    shutil.copytree(ROOT / ".dlt", tmp_path / "alone" / ".dlt")
    return tmp_path / "alone"


def load(alone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-m", "loaders", "load", *arguments],
        cwd=alone,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_an_address_is_loaded_where_there_is_no_simulator(alone, data, tmp_path):
    records = write_records(tmp_path / "records", models=[model(1)], datasets=[dataset(2)])
    with LocalHubServer(RecordFolder(records)) as server:
        run = load(alone, "--hub", server.endpoint)
    assert run.returncode == 0, run.stderr
    assert query(data, "select count(*) from hub_raw.models") == [(1,)]


def test_the_help_states_the_size_and_the_day_that_the_sample_has(run):
    code, said = run("load", "--help")
    assert code == 0
    said = " ".join(said.split())
    for name, size in (
        ("models", simulator.SAMPLE_MODELS),
        ("datasets", simulator.SAMPLE_DATASETS),
        ("seed", simulator.SAMPLE_SEED),
    ):
        assert re.search(rf"--sample-{name} N [^(]*\(default: (\d+)\)", said)[1] == str(size)
    assert f"{simulator.SAMPLE_DATE} for the sample" in said
