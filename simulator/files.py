"""The files of a repository, and how a part of one is asked for."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol


class StoredFile(Protocol):
    """A file in the Hub's storage."""

    @property
    def size(self) -> int:
        """Bytes."""

    def read(self, start: int, end: int) -> bytes:
        """The bytes from ``start`` up to before ``end``, which is not beyond the file's own."""


@dataclass(frozen=True)
class FileOnDisk:
    """A file as it lies in a folder."""

    path: Path

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def read(self, start: int, end: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(end - start)


@dataclass(frozen=True)
class Weights:
    """A safetensors file of which only the header is made; its weights are zeros.

    Args:
        header: the length and the JSON text, as the file begins.
        size: bytes of the whole file.
    """

    header: bytes
    size: int

    def read(self, start: int, end: int) -> bytes:
        return self.header[start:end].ljust(end - start, b"\0")


@dataclass(frozen=True)
class Text:
    """A small file in memory."""

    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self, start: int, end: int) -> bytes:
        return self.content[start:end]


@dataclass(frozen=True)
class FileInStore:
    """A file that lies, with others, in an open one.

    Args:
        store: the open file.
        start: where this one begins.
        size: bytes.
    """

    store: IO[bytes]
    start: int
    size: int

    def read(self, start: int, end: int) -> bytes:
        return os.pread(self.store.fileno(), end - start, self.start + start)


@dataclass(frozen=True)
class PartOfFile:
    """Some bytes of a file, which are read when they are sent."""

    file: StoredFile
    part: range

    def __len__(self) -> int:
        return len(self.part)

    def __bytes__(self) -> bytes:
        return self.file.read(self.part.start, self.part.stop)

    def chunks(self) -> Iterator[bytes]:
        """The bytes, a megabyte at a time."""
        for start in self.part[:: 1 << 20]:
            yield self.file.read(start, min(start + (1 << 20), self.part.stop))


def find_file(folder: Path, name: str) -> FileOnDisk | None:
    """The file of that name below a folder; one outside of it is not found."""
    path = (folder / name).resolve()
    is_there = path.is_relative_to(folder.resolve()) and path.is_file()
    return FileOnDisk(path) if is_there else None


def requested_part(header: str | None, size: int) -> range | None:
    """The bytes that a Range header asks of a file; None for all of them.

    Raises:
        ValueError: it asks for bytes beyond the end.
    """
    asked = re.fullmatch(r"bytes=([0-9]{1,18})-([0-9]{0,18})", header or "")
    if asked is None:  # as a server may, which knows no other form
        return None
    start, last = int(asked[1]), int(asked[2] or size)
    if start >= size:
        raise ValueError(f"bytes from {start} of a file of {size}")
    return range(start, min(last + 1, size))
