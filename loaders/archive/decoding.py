"""From a part of an archive's file to rows of the raw schema, and the records that cannot be one.

A part is decoded as a whole, in DuckDB and Arrow: no record becomes an object of Python but those
that are left out.
"""

import ctypes
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loaders.archive.sql import Part, rows_query
from loaders.hub.fields import INSTANT, fields_of
from loaders.warehouse import raw_schema
from loaders.warehouse.rejects import MAX_DETAIL, MAX_REJECT_TEXT, Reason

# Of the rows that are decoded at a time, so that monstrous ones do not fill the memory together.
_SLICE_BYTES = 200_000_000

# A record's key takes 16 bytes, as the hash of its _id or, where it has none, of its name.
_FRESH = """
with fresh as materialized (
    select row, md5_number(if(_id = '', 'name ' || id, _id)) as key from rows
)
"""
_IS_NEW = f"""
{_FRESH}
select
    (select count(distinct key) = count(*) from fresh)
    and (select count(*) = 0 from seen inner join fresh using (key))
"""
_REPEATED = f"""
{_FRESH}
select row from (
    select row, row_number() over (partition by key order by row) > 1
        or key in (select key from seen) as is_repeated
    from fresh
)
where is_repeated order by row
"""
_REMEMBER = f"insert into seen {_FRESH} select key from fresh"


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
        # Nothing but its own functions, and no look for others on a network.
        self._database = duckdb.connect(
            config={"threads": 2, "autoinstall_known_extensions": False}
        )
        self._database.execute("create table seen (key uhugeint)")

    def decode(self, page: int, body: bytes) -> tuple[pa.Table, pa.Table]:
        """Turn a part into rows of the raw schema, and rows of ``rejects``.

        Args:
            page: the part's number in the landing zone.
            body: parquet, as landed.
        """
        whole = pq.ParquetFile(pa.BufferReader(body)).read(use_threads=False)
        tables: list[pa.Table] = []
        rejects: list[dict[str, Any]] = []
        for first, records in _slices(whole):
            tables.append(self._rows(page, first, records, rejects))
        rows = pa.concat_tables(tables) if tables else self._schema.empty_table()
        _give_memory_back()
        self.records += rows.num_rows
        self.without_created_at += rows["created_at"].null_count
        self.rejects.update(reject["reason"] for reject in rejects)
        return rows, pa.Table.from_pylist(rejects, raw_schema.REJECTS)

    def _rows(
        self, page: int, first: int, records: pa.Table, rejects: list[dict[str, Any]]
    ) -> pa.Table:
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
        made = self._query(records)
        if made["reason"].null_count < made.num_rows:
            left_out = made.filter(pc.is_valid(made["reason"]))
            self._leave_out(page, records, left_out, rejects)
            made = made.filter(pc.is_null(made["reason"]))
        made = self._without_repeated(page, records, made, rejects)
        self.tags_cut += pc.sum(made["tags_cut"]).as_py() or 0
        return pa.table(
            [self._column(made[name], name) for name in self._schema.names], schema=self._schema
        )

    def _query(self, records: pa.Table) -> pa.Table:
        part, columns = _flat(records, self._instants)
        self._database.register("part", columns)
        try:
            query = rows_query(self._kind, self._snapshot_date, part)
            return self._database.execute(query).to_arrow_table()
        finally:
            self._database.unregister("part")

    def _without_repeated(
        self, page: int, records: pa.Table, made: pa.Table, rejects: list[dict[str, Any]]
    ) -> pa.Table:
        """Leave out the rows whose key came before in this file, and take note of the others."""
        made = made.append_column("row", pa.array(range(made.num_rows)))
        self._database.register("rows", made.select(["row", "_id", "id"]))
        repeated = []
        if not self._database.execute(_IS_NEW).fetchall()[0][0]:
            repeated = [row for (row,) in self._database.execute(_REPEATED).fetchall()]
            reason = pa.array(["duplicate"] * len(repeated), pa.string())
            left_out = made.take(repeated)
            keys = pc.if_else(pc.equal(left_out["_id"], ""), left_out["id"], left_out["_id"])
            told = {"position": left_out["position"], "reason": reason, "detail": keys}
            self._leave_out(page, records, pa.table(told), rejects)
            is_kept = pc.invert(pc.is_in(made["row"], pa.array(repeated, pa.int64())))
            made = made.filter(is_kept)
            self._database.register("rows", made.select(["row", "_id", "id"]))
        self._database.execute(_REMEMBER)
        self._database.unregister("rows")
        return made

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

    def _column(self, values: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
        return values.cast(self._schema.field(name).type)


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
