"""Records that come more than once in a file of an archive: the first of them counts.

Files come in any order, so that whether a record is the first could be told of each part only by
what all parts before it hold. Instead all keys of the file are looked at once, by a hash of 8
bytes each: mostly none comes twice, and then no part is asked.
"""

from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

# Nothing but its own functions, and no look for others on a network.
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "autoinstall_known_extensions": False,
}

# Of a record: its _id or, where it has none, its name.
_COLUMNS = ("_id", "id")
# Both hash bytes, as a text of a file need not be UTF-8.
_HASH = "hash(if(_id is null or _id = ''::blob, 'name '::blob || id, _id))"
_KEYS = "select row, if(_id = '', 'name ' || id, _id) as key from rows"
_REPEATED = f"""
select row from (
    select row, row_number() over (partition by key order by row) > 1
        or key in (select key from seen) as is_repeated
    from ({_KEYS})
    where hash(encode(key)) in (select hash from candidates)
)
where is_repeated order by row
"""
_REMEMBER = f"""
insert into seen select distinct key from ({_KEYS})
where hash(encode(key)) in (select hash from candidates)
"""


class RepeatedRecords:
    """Tells which records of a file came before in it.

    Args:
        bodies: the parts of the file, parquet, in any order.
    """

    def __init__(self, bodies: Iterable[bytes]) -> None:
        candidates = _hashes_that_repeat(bodies)
        self._database: duckdb.DuckDBPyConnection | None = None
        if candidates.num_rows:
            self._database = duckdb.connect(config=SETTINGS)
            self._database.register("found", candidates)
            self._database.execute("create table candidates as select hash from found")
            self._database.execute("create table seen (key varchar)")

    def find(self, rows: pa.Table) -> list[int]:
        """Find the rows of a part, in order, whose key came before, and remember all its keys.

        Args:
            rows: ``_id`` and ``id``, not null, of the next part.
        """
        if self._database is None:
            return []
        numbers = pa.array(range(rows.num_rows), pa.int64())
        self._database.register("rows", rows.select(_COLUMNS).append_column("row", numbers))
        repeated = [row for (row,) in self._database.execute(_REPEATED).fetchall()]
        self._database.execute(_REMEMBER)
        self._database.unregister("rows")
        return repeated


def _hashes_that_repeat(bodies: Iterable[bytes]) -> pa.Table:
    """Find the hashes of keys that come more than once; its database is gone when it returns."""
    with duckdb.connect(config=SETTINGS) as database:
        database.execute("create table hashes (hash ubigint)")
        for body in bodies:
            database.register("part", _keys(body))
            database.execute(f"insert into hashes select {_HASH} from part")
            database.unregister("part")
        found = database.execute("select hash from hashes group by hash having count(*) > 1")
        return found.to_arrow_table()


def _keys(body: bytes) -> pa.Table:
    """Read the keys of a part, as bytes."""
    file = pq.ParquetFile(pa.BufferReader(body))
    there = [name for name in _COLUMNS if name in file.schema_arrow.names]
    part = file.read(columns=there, use_threads=False)
    none = pa.nulls(part.num_rows, pa.binary())
    return pa.table({name: _bytes(part[name]) if name in there else none for name in _COLUMNS})


def _bytes(texts: pa.ChunkedArray) -> Any:
    if pa.types.is_dictionary(texts.type):
        texts = texts.cast(texts.type.value_type)
    is_large = pa.types.is_large_string(texts.type)
    return texts.cast(pa.large_binary() if is_large else pa.binary())
