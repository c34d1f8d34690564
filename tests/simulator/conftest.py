"""Folders of records for the local Hub."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator import RecordFolder


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., RecordFolder]:
    """Makes a folder of the given lines."""

    def make(models: list[bytes] | None = None, datasets: list[bytes] | None = None):
        for kind, lines in (("models", models), ("datasets", datasets)):
            if lines is not None:
                (tmp_path / f"{kind}.jsonl.gz").write_bytes(gzip.compress(b"\n".join(lines)))
        return RecordFolder(tmp_path)

    return make
