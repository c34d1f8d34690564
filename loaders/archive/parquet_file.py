"""Reading columns of a parquet file of which only these travel.

The footer says where in the file each column of each group of rows lies. Of a file on another
machine, only those ranges are fetched, a few groups at a time, into a temporary file with holes in
the places of the others, and read from there.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.archive.files import Content, UnusableFileError
from loaders.landing.read_ahead import read_ahead
from loaders.landing.storage import wrap_storage_errors

ROWS_A_BATCH = 25_000
# Of a batch, uncompressed. Of rows that are larger than usual there are fewer in one.
_BATCH_BYTES = 100_000_000
_MAGIC = b"PAR1"
_FIRST_LOOK = 200_000  # bytes at the end of a file, in which a usual footer is whole
_MAX_FOOTER = 200_000_000
# Ranges with so few bytes between them are fetched as one: a request costs more than the bytes.
_GAP = 128_000
_MOST_AT_ONCE = 16_000_000  # bytes of one request, so that little is asked for again if it fails
_READS_AHEAD = 4
_BYTES_AHEAD = 4 * _MOST_AT_ONCE
_GROUPS_AT_ONCE = 64_000_000  # bytes of the groups of rows that are fetched together
_NO_ROOM = (
    f"What is read of an archive cannot be kept in {tempfile.gettempdir()}",
    f"Make room for {_GROUPS_AT_ONCE // 1_000_000} MB there, or set TMPDIR to another folder.",
)
_BUFFER = 1_000_000  # bytes of a column that are read at a time


class Range(NamedTuple):
    """A part of a file."""

    start: int
    length: int

    @property
    def end(self) -> int:
        """The first byte after it."""
        return self.start + self.length


class ParquetFile:
    """A parquet file, its footer read.

    Args:
        content: its bytes.
        name: for errors.

    Attributes:
        rows: how many it has.
        schema: its columns, in Arrow's types.

    Raises:
        UnusableFileError: it is truncated, or no parquet file.
        LoaderError: it cannot be read.
    """

    def __init__(self, content: Content, name: str) -> None:
        self._content = content
        self._name = name
        footer = self._footer()
        with self._wrap_errors():
            self._metadata = pq.read_metadata(pa.BufferReader(footer))
            self.schema: pa.Schema = self._metadata.schema.to_arrow_schema()
        self.rows: int = self._metadata.num_rows

    def bytes_of(self, columns: Sequence[str]) -> int:
        """Sum up the bytes that these columns have in the file."""
        groups = range(self._metadata.num_row_groups)
        return sum(one.length for group in groups for one in self._chunks(group, columns))

    def newest(self, column: str) -> int | None:
        """Give the largest value of an integer or timestamp column, by the footer alone.

        Returns:
            The value as the file has it, None where the footer does not say it.
        """
        values = []
        for group in range(self._metadata.num_row_groups):
            chunks = self._metadata.row_group(group)
            for index in range(chunks.num_columns):
                chunk = chunks.column(index)
                if chunk.path_in_schema == column:
                    statistics = chunk.statistics
                    if statistics is None or not statistics.has_min_max:
                        return None
                    values.append(statistics.max_raw)
        return max(values, default=None)

    def batches(
        self, columns: Sequence[str], first_row: int = 0
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Read columns, some rows at a time.

        Args:
            columns: their names.
            first_row: the row to begin at, from 0.

        Yields:
            The number of a batch's first row, and the batch.

        Raises:
            UnusableFileError: the file is damaged, or shorter than its footer says.
            LoaderError: it cannot be read.
        """
        row = 0
        for groups in self._groups_together(columns):
            rows = sum(self._metadata.row_group(group).num_rows for group in groups)
            if row + rows > first_row:
                skipped = max(0, first_row - row)
                for at, batch in self._read(groups, columns, skipped):
                    yield row + at, batch
            row += rows

    def _read(
        self, groups: list[int], columns: Sequence[str], skipped: int
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Read groups of rows, less the first rows of them."""
        at = 0
        with self._fetched(groups, columns) as path:
            with self._wrap_errors():
                file = pq.ParquetFile(path, metadata=self._metadata, buffer_size=_BUFFER)
                batches = file.iter_batches(
                    self._rows_a_batch(groups, columns), row_groups=groups, columns=list(columns)
                )
            while True:
                with self._wrap_errors():
                    batch = next(batches, None)
                if batch is None:
                    break
                before, at = at, at + batch.num_rows
                if at > skipped:
                    first = max(0, skipped - before)
                    yield before + first, batch.slice(first)

    def _rows_a_batch(self, groups: list[int], columns: Sequence[str]) -> int:
        rows = size = 0
        for group in groups:
            chunks = self._metadata.row_group(group)
            rows += chunks.num_rows
            for index in self._indices(columns):
                size += max(0, chunks.column(index).total_uncompressed_size)
        return max(1, min(ROWS_A_BATCH, rows * _BATCH_BYTES // max(size, 1)))

    @contextmanager
    def _fetched(self, groups: list[int], columns: Sequence[str]) -> Iterator[str]:
        """Give a file on this machine that has these columns of these groups in their places."""
        if self._content.local is not None:
            yield str(self._content.local)
            return
        ranges = self._ranges(groups, columns)
        with ExitStack() as stack:
            file = stack.enter_context(tempfile.NamedTemporaryFile(prefix="hub-history-"))
            reads = read_ahead(
                ranges,
                lambda one: self._content.read(one.start, one.length),
                size=lambda one: one.length,
                most_items=_READS_AHEAD,
                most_bytes=_BYTES_AHEAD,
            )
            for one, content in reads:
                fetched = content()
                with wrap_storage_errors(*_NO_ROOM):
                    file.seek(one.start)
                    file.write(fetched)
            with wrap_storage_errors(*_NO_ROOM):
                file.truncate(self._content.size)
                file.flush()
            yield file.name

    def _groups_together(self, columns: Sequence[str]) -> Iterator[list[int]]:
        """Part the groups of rows into such that are fetched together."""
        together: list[int] = []
        size = 0
        for group in range(self._metadata.num_row_groups):
            more = sum(one.length for one in self._chunks(group, columns))
            if together and size + more > _GROUPS_AT_ONCE:
                yield together
                together, size = [], 0
            together.append(group)
            size += more
        if together:
            yield together

    def _ranges(self, groups: list[int], columns: Sequence[str]) -> list[Range]:
        """List the ranges to fetch, in the order of the file."""
        merged: list[Range] = []
        for one in sorted(one for group in groups for one in self._chunks(group, columns)):
            if merged and one.start - merged[-1].end <= _GAP:
                first = merged.pop()
                merged.append(Range(first.start, max(first.end, one.end) - first.start))
            else:
                merged.append(one)
        return [
            Range(start, min(_MOST_AT_ONCE, whole.end - start))
            for whole in merged
            for start in range(whole.start, whole.end, _MOST_AT_ONCE)
        ]

    def _chunks(self, group: int, columns: Sequence[str]) -> list[Range]:
        """List where the columns of a group of rows lie."""
        chunks = []
        for index in self._indices(columns):
            chunk = self._metadata.row_group(group).column(index)
            start = chunk.data_page_offset
            if chunk.dictionary_page_offset:
                start = min(start, chunk.dictionary_page_offset)
            one = Range(start, chunk.total_compressed_size)
            if start < 0 or one.length < 0 or one.end > self._content.size:
                raise UnusableFileError(
                    f"{self._name} is damaged: by its footer, a column ends at byte "
                    f"{one.end:,} of {self._content.size:,}. It was not loaded."
                )
            chunks.append(one)
        return chunks

    def _indices(self, columns: Sequence[str]) -> list[int]:
        schema = self._metadata.schema
        names = set(columns)
        return [
            index
            for index in range(len(schema))
            if schema.column(index).path.partition(".")[0] in names
        ]

    def _footer(self) -> bytes:
        size = self._content.size
        start = max(0, size - _FIRST_LOOK)
        tail = self._content.read(start, size - start) if size else b""
        if len(tail) < 12 or tail[-4:] != _MAGIC:
            raise UnusableFileError(
                f"{self._name} does not end as a parquet file does: of its {size:,} bytes the last "
                "are missing, or it is another file. It was not loaded."
            )
        length = int.from_bytes(tail[-8:-4], "little") + 8
        if length > min(size, _MAX_FOOTER):
            raise UnusableFileError(
                f"{self._name} is damaged: its footer would have {length:,} bytes of its "
                f"{size:,}. It was not loaded."
            )
        if length > len(tail):
            tail = self._content.read(size - length, length - len(tail)) + tail
        return tail

    @contextmanager
    def _wrap_errors(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError, ValueError) as error:
            said = " ".join(str(error).split())[:300].rstrip(".")
            raise UnusableFileError(
                f"{self._name} is damaged: {said}. It was not loaded."
            ) from error
