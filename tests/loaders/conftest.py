"""Folders of records, and a loader on them, for the tests of the loaders."""

import gzip
import json
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from loaders import cli


def model(number: int, **fields: Any) -> dict[str, Any]:
    """A record as a listing has it, with nothing odd about it."""
    return {
        "_id": f"{number:024x}",
        "id": f"org-{number % 7}/model-{number}",
        "author": f"org-{number % 7}",
        "createdAt": f"2024-{number % 12 + 1:02d}-05T10:00:00.000Z",
        "tags": ["transformers", "license:mit"],
    } | fields


def dataset(number: int, **fields: Any) -> dict[str, Any]:
    """As ``model``, for a dataset."""
    return model(number, id=f"org/data-{number}", tags=["language:en"]) | fields


def write_records(folder: Path, **records: Iterable[Any]) -> Path:
    """Write ``models=…`` and ``datasets=…`` as a folder of records; a str is a line as it is."""
    folder.mkdir(exist_ok=True)
    for kind, lines in records.items():
        with gzip.open(folder / f"{kind}.jsonl.gz", "wt", encoding="utf-8") as file:
            for line in lines:
                file.write((line if isinstance(line, str) else json.dumps(line)) + "\n")
    return folder


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place for a database and a landing zone, which the environment names."""
    monkeypatch.setenv("HUB_DUCKDB_PATH", str(tmp_path / "data" / "hub.duckdb"))
    monkeypatch.setenv("HUB_LANDING", str(tmp_path / "data" / "landing"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return tmp_path / "data"


@pytest.fixture
def run(data: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run the command line; gives the exit code, and what it printed on either stream."""

    def run(*arguments: object) -> tuple[int, str]:
        logging.getLogger().handlers.clear()  # so that it logs to the stream of this test
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as exit:  # argparse
            code = int(exit.code or 0)
        captured = capfd.readouterr()
        return code, captured.out + captured.err

    return run
