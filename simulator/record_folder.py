"""A folder of API records as a Hub."""

import gzip
import json
import os
import tempfile
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import msgspec

from simulator.dataset_repository import DatasetRepository, read_repositories
from simulator.files import FileOnDisk, find_file
from simulator.hub_json import NAME as HUB_JSON
from simulator.hub_json import FolderFacts, read_folder_facts
from simulator.listing import KINDS, LocalHubError

_UNPACKING = (OSError, EOFError, zlib.error)
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class _Times(msgspec.Struct, rename="camel"):
    """The dates of a record; the rest of it is skipped."""

    created_at: _Instant | None = None
    last_modified: _Instant | None = None


@dataclass(frozen=True)
class RecordFolder:
    """``models.jsonl.gz`` and ``datasets.jsonl.gz`` in a folder, one API record a line.

    One of the two may be missing; its listing is then empty. A record is served as it is,
    however odd: to reject one is the loader's business. The files of a model, for what is asked
    of those, lie in ``files/{id}/``, dataset repositories in ``repositories/{id}/``.

    Attributes:
        facts: what its ``hub.json`` says of it; None where there is none.

    Raises:
        LocalHubError: there is no such folder, it holds neither file, or its ``hub.json`` is not
            valid.
    """

    path: Path
    facts: FolderFacts | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path).resolve())
        if not self.path.is_dir():
            raise LocalHubError(f"There is no folder {self.path}.")
        if not self.kinds:
            raise LocalHubError(
                f"The folder {self.path} holds neither models.jsonl.gz nor datasets.jsonl.gz."
            )
        object.__setattr__(self, "facts", read_folder_facts(self.path))

    @property
    def _files(self) -> dict[str, Path]:
        return {kind: self.path / f"{kind}.jsonl.gz" for kind in KINDS}

    @property
    def kinds(self) -> tuple[str, ...]:
        """The listings that there is a file for."""
        return tuple(kind for kind, file in self._files.items() if file.is_file())

    def arguments(self) -> list[str]:
        return ["--hub", str(self.path)]

    def fingerprint(self) -> str:
        states = {
            file.name: (file.stat().st_size, file.stat().st_mtime_ns)
            for file in (*self._files.values(), self.path / HUB_JSON)
            if file.is_file()
        }
        return f"{self.path} {states}"

    def times(self) -> Iterator[tuple[datetime | None, datetime | None]]:
        """CreatedAt and lastModified of each record of both kinds that has readable ones.

        Raises:
            LocalHubError: a file cannot be unpacked.
        """
        decoder = msgspec.json.Decoder(_Times)
        for line in chain.from_iterable(map(self._lines, self.kinds)):
            try:
                times = decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue  # whether it is a record is the loader's business
            yield times.created_at, times.last_modified

    @property
    def has_model_files(self) -> bool:
        """Tell whether it holds the files of any model."""
        return any((self.path / "files").glob("*"))

    @property
    def has_model_details(self) -> bool:
        """Tell whether any model's record has what no listing has: its storage, or its Spaces.

        Raises:
            LocalHubError: the file cannot be unpacked.
        """
        decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
        for line in self._lines("models"):
            # Taking each record apart would take a minute.
            if b'"usedStorage"' in line or b'"spaces"' in line:
                try:
                    if not decoder.decode(line).keys().isdisjoint(("usedStorage", "spaces")):
                        return True
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                    continue  # whether it is a record is the loader's business
        return False

    def _lines(self, kind: str) -> Iterator[bytes]:
        """Each line of a listing. Raises LocalHubError: its file cannot be unpacked."""
        file = self._files[kind]
        if not file.is_file():
            return
        try:
            with gzip.open(file) as lines:
                yield from lines
        except _UNPACKING as error:
            raise LocalHubError(f"{file} cannot be unpacked: {error}") from error

    def open(self) -> dict[str, "RecordFile"]:
        """Raises LocalHubError: a file cannot be read, or a line of it is no JSON."""
        return {kind: RecordFile(file, self.path / "files") for kind, file in self._files.items()}

    def repositories(self) -> dict[str, DatasetRepository]:
        """The folders ``repositories/{owner}/{name}`` in it. Raises LocalHubError."""
        folder = self.path / "repositories"
        return read_repositories(folder) if folder.exists() else {}


class RecordFile:
    """The listing of one file; a missing file is an empty one.

    The records are unpacked once into an unnamed temporary file. Only their ``_id`` and their
    place in it stay in memory.

    Args:
        path: the file.
        files: the folder that has one for each repository with files.
    """

    def __init__(self, path: Path, files: Path) -> None:
        self._files = files
        self._unpacked = tempfile.TemporaryFile()  # noqa: SIM115
        # A record without an _id that is a text comes first, under an empty one.
        self._keys: list[str] = []
        self._starts = array("Q")
        self._sizes = array("L")
        if path.is_file():
            self._unpack(path)
            self._sort()

    def _unpack(self, path: Path) -> None:
        number = start = 0
        try:
            with gzip.open(path) as lines:
                for line in lines:
                    number += 1
                    text = line.strip()
                    if not text:
                        continue
                    record = json.loads(text.decode(), parse_constant=_refuse)
                    hub_id = record.get("_id") if isinstance(record, dict) else None
                    self._keys.append(hub_id if isinstance(hub_id, str) else "")
                    self._starts.append(start)
                    self._sizes.append(len(text))
                    self._unpacked.write(text)
                    start += len(text)
        except (ValueError, RecursionError) as error:
            raise LocalHubError(f"{path}, line {number}, is no JSON: {error}") from error
        except _UNPACKING as error:
            raise LocalHubError(
                f"{path} cannot be unpacked after line {number}: {error}"
            ) from error
        self._unpacked.flush()

    def _sort(self) -> None:
        order = sorted(range(len(self._keys)), key=self._keys.__getitem__)
        self._keys = [self._keys[i] for i in order]
        self._starts = array("Q", (self._starts[i] for i in order))
        self._sizes = array("L", (self._sizes[i] for i in order))

    def __len__(self) -> int:
        return len(self._keys)

    def key(self, position: int) -> str:
        return self._keys[position]

    def is_listed(self, position: int) -> bool:
        return True

    def record(self, position: int, fields: Sequence[str] | None = None) -> Any:
        text = os.pread(self._unpacked.fileno(), self._sizes[position], self._starts[position])
        if fields is not None:
            try:
                # Raw: the values travel byte for byte, whatever they are.
                values = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
            except msgspec.DecodeError:  # no object, or text that msgspec cannot take apart
                return msgspec.Raw(text)
            return {field: values[field] for field in fields if field in values}
        return msgspec.Raw(text)

    def find(self, name: str) -> int | None:
        return self._positions.get(name)

    def new_name(self, name: str) -> None:
        return None  # a folder does not know what its repositories were called before

    def file(self, position: int, name: str) -> FileOnDisk | None:
        repository = json.loads(bytes(self.record(position)))["id"]
        return find_file(self._files, f"{repository}/{name}")

    @cached_property
    def _positions(self) -> dict[str, int]:
        names = (json.loads(bytes(self.record(position))) for position in range(len(self)))
        return {
            record["id"]: position
            for position, record in enumerate(names)
            if isinstance(record, dict) and isinstance(record.get("id"), str)
        }


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON value")
