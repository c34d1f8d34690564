"""From a file of an archive into the landing zone: the needed columns, part by part."""

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.archive.files import Archive, ArchiveFile, Content, UnusableFileError
from loaders.archive.parquet_file import ParquetFile
from loaders.landing.landed_file import ArchivedFile, LandedFile
from loaders.landing.read_ahead import read_ahead
from loaders.limits import MAX_PAGE_BYTES

# Columns of which few values are distinct. A dictionary of the others would only be begun.
_REPEATED = ["author", "pipeline_tag", "library_name", "tags.list.element"]

# Parts that are written at a time, so that both of two cores have work.
_PARTS_AT_ONCE = 2


def describe(
    archive: Archive, file: ArchiveFile, parquet: ParquetFile, columns: Sequence[str]
) -> ArchivedFile:
    """Describe what is read of a file, for the landing zone."""
    return ArchivedFile(
        archive=archive.name,
        path=file.path,
        revision=file.revision,
        identity=file.identity,
        size=file.size,
        archive_date=file.archive_date,
        licence=archive.licence,
        columns=list(columns),
        rows=parquet.rows,
    )


def land(
    content: Content,
    parquet: ParquetFile,
    file: ArchivedFile,
    landed: LandedFile,
    source: str,
    check_lock: Callable[[], None],
    on_rows: Callable[[int], None] = lambda rows: None,
) -> None:
    """Bring the needed columns of a file into the landing zone, from wherever a run stopped.

    Args:
        content: of the file.
        parquet: the same, its footer read.
        file: what is read of it.
        landed: where it goes.
        source: the name of the Hub, for the manifest.
        check_lock: called before a part is kept; raises where another run has taken over.
        on_rows: called with the number of rows of each part.

    Raises:
        UnusableFileError: the file is empty, damaged, or gone.
        LoaderError: it cannot be read now, or the landing zone cannot be written.
    """
    if not parquet.rows:
        raise UnusableFileError(f"{file.path} is empty: it has no row. It was not loaded.")
    check_lock()
    landed.begin(file)
    if landed.snapshot is not None:
        return
    if not landed.is_listed_to_the_end:
        seen = content.requests, content.rate_limited
        for first_row, batch, written in _parts(parquet, file.columns, landed.rows):
            body = written()
            if len(body) > MAX_PAGE_BYTES:
                raise UnusableFileError(
                    f"{file.path} has {batch.num_rows} rows from row {first_row:,} on that take "
                    f"{len(body):,} bytes, more than the {MAX_PAGE_BYTES:,} that one part may have."
                )
            check_lock()
            end = first_row + batch.num_rows
            now = content.requests, content.rate_limited
            landed.add_page(
                body,
                path=str(first_row),
                next_path=str(end) if end < parquet.rows else None,
                records=batch.num_rows,
                last_id="",
                requests=now[0] - seen[0],
                rate_limited=now[1] - seen[1],
            )
            seen = now
            on_rows(batch.num_rows)
        if not landed.is_listed_to_the_end:
            raise UnusableFileError(
                f"{file.path} is damaged: it has fewer rows than the {parquet.rows:,} of its footer"
            )
    pa.default_memory_pool().release_unused()  # else it stands beside what the load takes
    check_lock()
    landed.complete(source)


def _parts(
    parquet: ParquetFile, columns: Sequence[str], first_row: int
) -> Iterator[tuple[int, pa.RecordBatch, Callable[[], bytes]]]:
    """Read parts, and write some at a time: give the first row, the rows, and what was written."""
    parts = read_ahead(
        parquet.batches(columns, first_row),
        lambda part: _write(part[1]),
        size=lambda part: part[1].nbytes,
        most_items=_PARTS_AT_ONCE,
        most_bytes=MAX_PAGE_BYTES,
    )
    for (row, batch), written in parts:
        yield row, batch, written


def _write(batch: pa.RecordBatch) -> bytes:
    part = pa.BufferOutputStream()
    pq.write_table(
        pa.Table.from_batches([batch]),
        part,
        compression="zstd",
        compression_level=1,
        use_dictionary=_REPEATED,
        write_statistics=False,
    )
    body: bytes = part.getvalue().to_pybytes()
    return body
