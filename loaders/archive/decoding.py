"""From a part of an archive's file to rows of the raw schema, and the records that cannot be one.

A part is decoded as a whole, in DuckDB and Arrow: no record becomes an object of Python but those
that are left out.
"""

import ctypes
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loaders.archive.repeated import SETTINGS, RepeatedRecords
from loaders.archive.sql import Part, rows_query
from loaders.hub.fields import INSTANT, fields_of
from loaders.landing.read_ahead import read_ahead
from loaders.limits import MAX_PAGE_BYTES
from loaders.warehouse import raw_schema
from loaders.warehouse.rejects import MAX_DETAIL, MAX_REJECT_TEXT, Reason

# Of the rows that are decoded at a time, so that monstrous ones do not fill the memory together.
_SLICE_BYTES = 200_000_000

# Parts that are decoded at a time, so that both of two cores have work.
_PARTS_AT_ONCE = 2


class _Slice(NamedTuple):
    """Some records of a part, and the rows that are made of them."""

    records: pa.Table
    made: pa.Table


class _Part(NamedTuple):
    """A part, decoded, before those of its records are left out that came in an earlier one."""

    slices: list[_Slice]
    rejects: list[dict[str, Any]]


class ArchiveDecoder:
    """Decodes the parts of one file, in order, as ``warehouse.resources.Decoder`` has it.

    Args:
        kind: ``models`` or ``datasets``.
        snapshot_date: records created after the end of this day (UTC) are left out.

    Attributes:
        records, without_created_at, rejects, tags_cut: as ``Decoder`` has them.
    """

    def __init__(self, kind: str, snapshot_date: date) -> None:
        self.records = 0
        self.without_created_at = 0
        self.rejects: Counter[Reason] = Counter()
        self.tags_cut = 0
        self._kind = kind
        self._snapshot_date = snapshot_date
        self._schema = raw_schema.TABLES[kind]
        self._instants = {
            one.json_name: one.column for one in fields_of(kind) if one.type is INSTANT
        }

    def decode_all(
        self, bodies: Callable[[], Iterator[tuple[int, bytes]]]
    ) -> Iterator[tuple[pa.Table, pa.Table]]:
        """Turn parts, which are parquet, into rows, as ``Decoder`` has it."""
        repeated = RepeatedRecords(body for _, body in bodies())
        _give_memory_back()
        with duckdb.connect(config=SETTINGS) as database:
            parts = read_ahead(
                bodies(),
                lambda part: self._decode(database.cursor(), *part),
                size=lambda part: len(part[1]),
                most_items=_PARTS_AT_ONCE,
                most_bytes=MAX_PAGE_BYTES,
            )
            for (number, _), part in parts:
                yield self._finish(number, part(), repeated)

    def _decode(self, database: duckdb.DuckDBPyConnection, page: int, body: bytes) -> _Part:
        """Make rows of a part, by a connection of its own: another part is decoded meanwhile."""
        whole = pq.ParquetFile(pa.BufferReader(body)).read(use_threads=False)
        part = _Part([], [])
        for first, records in _slices(whole):
            part.slices.append(self._rows(database, page, first, records, part.rejects))
        _give_memory_back()
        return part

    def _finish(
        self, page: int, part: _Part, repeated: RepeatedRecords
    ) -> tuple[pa.Table, pa.Table]:
        """Leave out what came before, count, and give the rows and the rejects of a part."""
        tables = []
        for records, made in part.slices:
            kept = self._without_repeated(page, records, made, part.rejects, repeated)
            self.tags_cut += pc.sum(kept["tags_cut"]).as_py() or 0
            columns = [
                kept[name].cast(self._schema.field(name).type) for name in self._schema.names
            ]
            tables.append(pa.table(columns, schema=self._schema))
        rows = pa.concat_tables(tables) if tables else self._schema.empty_table()
        self.records += rows.num_rows
        self.without_created_at += rows["created_at"].null_count
        self.rejects.update(reject["reason"] for reject in part.rejects)
        return rows, pa.Table.from_pylist(part.rejects, raw_schema.REJECTS)

    def _rows(
        self,
        database: duckdb.DuckDBPyConnection,
        page: int,
        first: int,
        records: pa.Table,
        rejects: list[dict[str, Any]],
    ) -> _Slice:
        """Make rows of records, the first of which is at that position, counted from 0."""
        positions = pa.array(range(first + 1, first + 1 + records.num_rows), pa.int32())
        records = records.append_column("position", positions)
        readable = _readable(records)
        if readable is not None:
            broken = records.filter(pc.invert(readable))
            for row in range(broken.num_rows):
                detail = "a text that is no UTF-8"
                rejects.append(self._reject(page, broken.slice(row, 1), "malformed", detail))
            records = records.filter(readable)
        made = self._query(database, records)
        if made["reason"].null_count < made.num_rows:
            left_out = made.filter(pc.is_valid(made["reason"]))
            self._leave_out(page, records, left_out, rejects)
            made = made.filter(pc.is_null(made["reason"]))
        return _Slice(records, made)

    def _query(self, database: duckdb.DuckDBPyConnection, records: pa.Table) -> pa.Table:
        part, columns = _flat(records, self._instants)
        database.register("part", columns)
        return database.execute(rows_query(self._kind, self._snapshot_date, part)).to_arrow_table()

    def _without_repeated(
        self,
        page: int,
        records: pa.Table,
        made: pa.Table,
        rejects: list[dict[str, Any]],
        repeated: RepeatedRecords,
    ) -> pa.Table:
        """Leave out the rows whose key came before in this file."""
        found = repeated.find(made)
        if not found:
            return made
        left_out = made.take(found)
        reason = pa.array(["duplicate"] * len(found), pa.string())
        keys = pc.if_else(pc.equal(left_out["_id"], ""), left_out["id"], left_out["_id"])
        told = {"position": left_out["position"], "reason": reason, "detail": keys}
        self._leave_out(page, records, pa.table(told), rejects)
        is_repeated = pc.is_in(pa.array(range(made.num_rows)), pa.array(found, pa.int64()))
        return made.filter(pc.invert(is_repeated))

    def _leave_out(
        self, page: int, records: pa.Table, left_out: pa.Table, rejects: list[dict[str, Any]]
    ) -> None:
        """Note the records of which there are rows with a reason and a detail."""
        told = left_out.select(["position", "reason", "detail"]).to_pylist()
        at = pc.index_in(left_out["position"], records["position"]).to_pylist()
        for row, one in zip(at, told, strict=True):
            rejects.append(self._reject(page, records.slice(row, 1), one["reason"], one["detail"]))

    def _reject(self, page: int, record: pa.Table, reason: Reason, detail: str) -> dict[str, Any]:
        """Describe a record that is left out."""
        return {
            "kind": self._kind,
            "snapshot_date": self._snapshot_date,
            "page": page,
            "position": record["position"][0].as_py(),
            "reason": reason,
            "detail": detail[:MAX_DETAIL],
            "raw_text": _text(record),
        }


def _give_memory_back() -> None:
    """Return what DuckDB has freed to the system, else it adds up to 200 MB over a file.

    DuckDB makes its results by malloc, and that of glibc keeps what lies below any that is in use.
    Another C library has no such function, and needs none.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _slices(whole: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """Part a table into slices of bounded bytes; gives each with the number of its first row."""
    rows = max(1, whole.num_rows * _SLICE_BYTES // max(whole.nbytes, 1))
    for first in range(0, whole.num_rows, rows):
        yield first, whole.slice(first, rows)


def _flat(records: pa.Table, instants: dict[str, str]) -> tuple[Part, pa.Table]:
    """Give each value that is needed a column of its own, of a type that DuckDB reads as it is."""
    columns: dict[str, pa.ChunkedArray] = {}
    units: dict[str, str] = {}
    formats: list[str] = []
    for name in records.column_names:
        values = records[name]
        if pa.types.is_null(values.type):
            continue
        if pa.types.is_dictionary(values.type):
            values = values.cast(values.type.value_type)
        if name in instants:
            units[name] = values.type.unit
            columns[name] = values.cast(pa.int64())
        elif name == "safetensors":
            _flatten(values, columns, formats)
        else:
            columns[name] = values
    return Part(frozenset(columns), units, tuple(formats)), pa.table(columns)


def _flatten(
    values: pa.ChunkedArray, columns: dict[str, pa.ChunkedArray], formats: list[str]
) -> None:
    """Take a struct of safetensors apart. A format that no record has gets no column."""
    for place, member in enumerate(values.type):
        if pa.types.is_null(member.type):
            continue
        inner = pc.struct_field(values, [place])
        if member.name == "total":
            columns["safetensors.total"] = inner
        elif member.name == "parameters":
            columns["has_formats"] = pc.is_valid(inner)
            for number, one in enumerate(member.type):
                counts = pc.struct_field(inner, [number])
                if counts.null_count < len(counts):
                    columns[f"format_{len(formats)}"] = counts
                    formats.append(one.name)


def _readable(records: pa.Table) -> pa.ChunkedArray | None:
    """Tell which records are all UTF-8; None where all are, as parquet does not promise."""
    try:
        records.validate(full=True)
        return None
    except pa.ArrowInvalid:
        return pa.chunked_array(
            [[_is_readable(records.slice(n, 1)) for n in range(records.num_rows)]]
        )


def _is_readable(record: pa.Table) -> bool:
    try:
        record.to_pylist()
    except UnicodeDecodeError:
        return False
    return True


def _text(record: pa.Table) -> str:
    """Write a record as JSON, cut; what is no text in it is replaced."""
    record = record.drop_columns(["position"])
    for number, column in enumerate(record.schema):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            shown = record[column.name][0].as_buffer() if record[column.name][0].is_valid else None
            text = None if shown is None else shown.to_pybytes()[:MAX_REJECT_TEXT]
            value = None if text is None else text.decode(errors="replace")
            record = record.set_column(number, column.name, pa.array([value], pa.string()))
    try:
        (row,) = record.to_pylist()
    except (UnicodeDecodeError, ValueError, OverflowError):  # in a list, or a date of no calendar
        row = {"_id": str(record["_id"][0])} if "_id" in record.column_names else {}
    told = msgspec.json.encode({name: value for name, value in row.items() if value is not None})
    return told[:MAX_REJECT_TEXT].decode(errors="replace")
