"""The worked example of CONTRIBUTING.md, followed to the letter in a copy of the project."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.warehouse import builds

EXAMPLE = builds.ROOT / "tests" / "fixtures" / "worked_example.patch"
# Of fewer datasets, none may have both a task of speech and a language.
SAMPLE = (*builds.SAMPLE, "--sample-datasets", "5000")
# Everything but the tests of what the example leaves alone.
BUILT = (
    *("resource_type:seed", "resource_type:model", "speech_tasks+,test_type:data"),
    *(f"{model},test_type:unit" for model in ("int_dataset_groups", "dataset_share_by_language")),
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project with the example's files and edits in it."""
    made = (".git", ".venv", "data", "report", "target", "logs", "__pycache__", ".*_cache")
    copy = tmp_path / "project"
    shutil.copytree(builds.ROOT, copy, ignore=shutil.ignore_patterns(*made), symlinks=True)
    shutil.copy(copy / "profiles.example.yml", copy / "profiles.yml")
    git = ["git", "apply", "--whitespace=error", str(EXAMPLE)]
    applied = subprocess.run(git, cwd=copy, capture_output=True, text=True)
    assert applied.returncode == 0, applied.stderr
    return copy


def test_the_worked_example_works(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HUB_DUCKDB_PATH", str(tmp_path / "sample.duckdb"))
    monkeypatch.setenv("HUB_LANDING", str(tmp_path / "landing"))
    python = sys.executable
    for command in (
        [python, "-m", "loaders", "load", *SAMPLE],
        [str(builds.DBT), "build", "--no-use-colors", "--select", *BUILT],
        [python, "-m", "reports", "build", "--no-docs"],
        [python, "-m", "tools.layers"],
        [python, "-m", "pytest", "tests/warehouse/test_reference.py"],
        [str(Path(python).with_name("ruff")), "check"],
        [str(Path(python).with_name("ruff")), "format", "--check"],
    ):
        run = subprocess.run(command, cwd=project, capture_output=True, text=True)
        assert run.returncode == 0, f"{command}\n{run.stdout[-3000:]}{run.stderr[-3000:]}"

    with duckdb.connect(str(tmp_path / "sample.duckdb"), read_only=True) as connection:
        speech, every, wrong = connection.execute(
            "select sum(speech_datasets), sum(datasets), count_if(speech_datasets > datasets)"
            " from marts.dataset_share_by_language"
        ).fetchone()
    assert 0 < speech < every
    assert wrong == 0
    report = project / "report" / "sample"
    assert list((report / "charts").glob("speech_datasets*.svg"))
    assert 'id="speech_datasets"' in (report / "index.html").read_text(encoding="utf-8")
    (extract,) = (report / "extracts").glob("*dataset_share_by_language.csv")
    assert "speech_datasets" in extract.read_text(encoding="utf-8").splitlines()[0]
