"""The dry run of ``history``: what it would read, by listings and the footers of files alone."""

from collections.abc import Sequence

from loaders.archive.columns import needed_columns
from loaders.archive.files import Archive, UnusableFileError
from loaders.archive.parquet_file import ParquetFile
from loaders.archive.periods import Period
from loaders.warehouse.snapshots import KeptSnapshot, find_snapshot

# As measured on two cores (docs/measurements.md); a disk's bytes are of the rows in DuckDB.
ROWS_A_SECOND = 80_000
BYTES_A_ROW = 100
_MEGABYTES_A_SECOND = (10, 50)  # of a slow and of a fast line


def print_forecast(
    archive: Archive, kind: str, wanted: Sequence[Period], kept: Sequence[KeptSnapshot]
) -> None:
    """Print the files that would be read, and their bytes, time and disk.

    Raises:
        LoaderError: the archive cannot be read.
    """
    files = rows = needed = whole = 0
    for period in wanted:
        for file in period.files:
            loaded = find_snapshot(kept, kind, file.snapshot_date)
            if loaded is not None:
                print(f"  {file.snapshot_date}  {file}: that day is loaded")
                break
            try:
                settled = archive.settle(file)
                if settled is None:
                    continue
                parquet = ParquetFile(archive.open(settled), str(settled))
                columns = needed_columns(parquet.schema, kind, str(settled))
                size = parquet.bytes_of(columns)
            except UnusableFileError as error:
                print(f"  {file.snapshot_date}  {error}")
                continue
            print(
                f"  {file.snapshot_date}  {settled}: {parquet.rows:,} rows, {size / 1e6:,.1f} of "
                f"{settled.size / 1e6:,.1f} MB"
            )
            files, rows = files + 1, rows + parquet.rows
            needed, whole = needed + size, whole + settled.size
            break
    slow, fast = (needed / 1e6 / speed / 60 for speed in _MEGABYTES_A_SECOND)
    print(
        f"{kind}: {files:,} files, {rows:,} rows; {needed / 1e6:,.1f} of {whole / 1e6:,.1f} MB "
        "would travel, beside the two columns of the file before each that tell whether it is "
        f"frozen: {fast:,.1f} to {slow:,.1f} min at {_MEGABYTES_A_SECOND[1]} to "
        f"{_MEGABYTES_A_SECOND[0]} MB a second, and {rows / ROWS_A_SECOND / 60:,.1f} min to load "
        f"at {ROWS_A_SECOND:,} rows a second. Disk: {needed / 1e6:,.1f} MB in the landing zone, "
        f"{rows * BYTES_A_ROW / 1e6:,.1f} MB in the database. A file that proves frozen is "
        "skipped for the next one of its month or week"
    )
