"""The day of a listing, where no commit tells it: that of the newest change that it lists."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from loaders import clock
from loaders.archive.files import Content, UnusableFileError
from loaders.archive.parquet_file import ParquetFile

# A week's folder is filled within it.
LAST_DAY_OF_A_WEEK = 8
_COLUMN = "lastModified"
_MICROSECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 0.001}


def day_of_newest_change(content: Content, name: str) -> date:
    """Tell the day (UTC) of the newest ``lastModified`` of a file that does not lie ahead of now.

    Somebody changes something on the Hub every minute. The footer of a file mostly says what is
    the newest; only where it does not, or where that lies ahead, the column is read.

    Raises:
        UnusableFileError: the file has no such column, or cannot be read.
    """
    file = ParquetFile(content, name)
    index = file.schema.get_field_index(_COLUMN)
    if index < 0 or not pa.types.is_timestamp(file.schema.field(index).type):
        raise UnusableFileError(
            f"{name} has no timestamps {_COLUMN}, which would tell its day. It was not loaded."
        )
    unit = _MICROSECONDS[file.schema.field(index).type.unit]
    now = int(clock.now().timestamp() * 1_000_000)
    newest = file.newest(_COLUMN)
    if newest is None or newest * unit > now:
        newest = None
        for _, batch in file.batches([_COLUMN]):
            values = batch.column(0).cast(pa.int64())
            past = values.filter(pc.less_equal(values, int(now / unit)))
            largest = pc.max(past).as_py()
            newest = max((n for n in (newest, largest) if n is not None), default=None)
    if newest is None:
        raise UnusableFileError(f"{name} is empty, or dates nothing. It was not loaded.")
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(newest * unit))).date()
