"""Answers about single models in the landing zone, each kept as soon as it has come."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import msgspec

from loaders.errors import LoaderError
from loaders.landing.storage import open_folder, read_file, wrap_storage_errors

Answer = TypeVar("Answer", bound=msgspec.Struct)


class LandedAnswers(Generic[Answer]):
    """The answers to one question about single models.

    In a folder an answer is safe once ``add`` returns. A bucket takes whole objects only: there
    a kill costs what was added since the last ``end_batch``.

    Args:
        root, source_key: as ``LandedCrawl`` has them.
        question: what was asked, such as ``parameters``.
        answer_type: what one line holds.

    Attributes:
        batches: the names of those of earlier runs, oldest first.

    Raises:
        LoaderError: the landing zone cannot be read or written.
    """

    def __init__(
        self, root: str, source_key: str, question: str, answer_type: type[Answer]
    ) -> None:
        self._fs, self.folder, names = open_folder(root, f"{source_key}/{question}")
        self.batches = sorted(
            name.removesuffix(".jsonl") for name in names if name.endswith(".jsonl")
        )
        self._decoder = msgspec.json.Decoder(answer_type)
        self._batch = ""
        self._file: Any = None

    def add(self, answer: Answer) -> None:
        """Keep one more answer, in a batch of its own if none was begun."""
        if self._file is None:
            self._batch = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        with self._wrap_errors():
            if self._file is None:
                self._file = self._fs.open(self._path(self._batch), "wb")
            self._file.write(msgspec.json.encode(answer) + b"\n")
            self._file.flush()

    def end_batch(self) -> str | None:
        """Close the batch that was begun, if one was; gives its name."""
        if self._file is None:
            return None
        with self._wrap_errors():
            self._file.close()
        self._file = None
        return self._batch

    def read(self, batch: str) -> list[Answer]:
        """Read the answers of a batch that has ended. A line that a kill cut short is none."""
        try:
            lines = read_file(self._fs, self._path(batch)).split(b"\n")
            lines.pop()  # nothing, or what came after the last end of a line
            return [self._decoder.decode(line) for line in lines]
        except (FileNotFoundError, msgspec.DecodeError) as error:
            raise LoaderError(
                f"{self._path(batch)} is not as it was written: {error}. Restore the file, or "
                "remove it; its models are then asked for again."
            ) from error

    def _path(self, batch: str) -> str:
        return f"{self.folder}/{batch}.jsonl"

    def _wrap_errors(self) -> AbstractContextManager[None]:
        return wrap_storage_errors(
            f"{self._path(self._batch)} cannot be written",
            "Make room or give the right to write, then run the same command again: it goes on "
            "from here.",
        )
