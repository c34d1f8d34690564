"""From a page as received to a typed Arrow table, and the records that cannot be one.

A page is decoded in one go. Only a page that does not fit its types is taken apart, so that
one bad record costs that record and nothing else. What a record may cost is bounded: strangers
write it, and a valid one can be monstrous.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from loaders.hub.fields import INSTANT, fields_of, json_text
from loaders.hub.page_survey import split_page
from loaders.limits import MAX_RECORD_BYTES, MAX_TAG_LENGTH, MAX_TAGS
from loaders.warehouse import raw_schema
from loaders.warehouse.records import Record, RecordFormat
from loaders.warehouse.rejects import Reason, Reject, reject_rows
from loaders.warehouse.seen_ids import SeenIds

_RECORDS_A_TABLE = 1_000  # so many are Python objects at a time
# Microseconds since 1970, UTC. With an offset, a date of the first or last year can fall outside.
# Not by pa.scalar: it imports pandas, which takes as long as all else in this module.
_FIRST_INSTANT, _LAST_INSTANT = (
    (instant - datetime(1970, 1, 1)) // timedelta(microseconds=1)
    for instant in (datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59))
)


class SnapshotDecoder:
    """Decodes the pages of one snapshot, in order.

    Args:
        kind: ``models`` or ``datasets``.
        snapshot_date: records created after the end of this day (UTC) are left out.

    Attributes:
        records: rows handed out so far.
        without_created_at: of these, rows that carry no creation date. They are kept.
        rejects: how many records were left out so far, by reason.
        tags_cut: how many tags of the rows were left out, being too many or too long.
    """

    def __init__(self, kind: str, snapshot_date: date) -> None:
        self.records = 0
        self.without_created_at = 0
        self.rejects: Counter[Reason] = Counter()
        self.tags_cut = 0
        self._kind = kind
        self._snapshot_date = snapshot_date
        self._end = datetime.combine(snapshot_date, time(), UTC) + timedelta(days=1)
        self._seen = SeenIds()
        self._format = RecordFormat(kind)
        self._instants = [f.column for f in fields_of(kind) if f.type is INSTANT]
        self._record: msgspec.json.Decoder[Any] = msgspec.json.Decoder(self._format.type)
        self._page: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(
            list[self._format.type]  # type: ignore[name-defined]  # it is made from the fields
        )

    def decode_all(
        self, bodies: Callable[[], Iterator[tuple[int, bytes]]]
    ) -> Iterator[tuple[pa.Table, pa.Table]]:
        """Turn pages into rows, as ``Decoder`` has it."""
        for number, body in bodies():
            yield self.decode(number, body)

    def decode(self, page: int, body: bytes) -> tuple[pa.Table, pa.Table]:
        """Turn a page into rows of the raw schema.

        Args:
            page: its number in the landing zone.
            body: a JSON array, as received.

        Returns:
            The records that fit, in the order of the page, with the kind's raw schema; and
            the records left out, with the schema of ``rejects``.
        """
        rejects: list[Reject] = []
        fitting: list[tuple[int, Record]] = []
        tables = []
        for position, record in self._decoded(body, rejects):
            if record.created_at is not None and record.created_at >= self._end:
                detail = f"createdAt {record.created_at.isoformat()}"
                rejects.append(Reject(position, "created_after_snapshot", detail))
                continue
            if not self._seen.add(record._id):
                rejects.append(Reject(position, "duplicate", f"_id {record._id}"))
                continue
            fitting.append((position, record))
            if len(fitting) == _RECORDS_A_TABLE:
                tables.append(self._table(fitting, rejects))
                fitting.clear()
        rows = pa.concat_tables([*tables, self._table(fitting, rejects)])
        self.records += rows.num_rows
        self.without_created_at += rows["created_at"].null_count
        self.rejects.update(reject.reason for reject in rejects)
        return rows, reject_rows(self._kind, self._snapshot_date, page, body, rejects)

    def _decoded(self, body: bytes, rejects: list[Reject]) -> Iterable[tuple[int, Record]]:
        if len(body) <= MAX_RECORD_BYTES:  # so no record in it is too large
            with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return enumerate(self._page.decode(body), 1)
        return self._decoded_one_by_one(body, rejects)

    def _decoded_one_by_one(
        self, body: bytes, rejects: list[Reject]
    ) -> Iterator[tuple[int, Record]]:
        for position, raw in enumerate(map(bytes, split_page(body)), 1):
            if len(raw) > MAX_RECORD_BYTES:
                rejects.append(Reject(position, "too_large", f"{len(raw)} bytes"))
                continue
            try:
                record = self._record.decode(raw)
            except MemoryError:
                raise
            except Exception as error:  # whatever it is, it is about this record
                rejects.append(Reject(position, "malformed", str(error)))
            else:
                self._cut_tags(record)  # now, before the next one takes as much memory
                yield position, record

    def _cut_tags(self, record: Record) -> None:
        """Leave out the tags that are too many or too long, and count them."""
        tags = record.tags
        if tags and (len(tags) > MAX_TAGS or max(map(len, tags)) > MAX_TAG_LENGTH):
            record.tags = [tag for tag in tags if len(tag) <= MAX_TAG_LENGTH][:MAX_TAGS]
            self.tags_cut += len(tags) - len(record.tags)

    def _table(self, records: list[tuple[int, Record]], rejects: list[Reject]) -> pa.Table:
        """Make a table of the records, less those of which no row can be made."""
        try:
            return self._rows([record for _, record in records])
        except MemoryError:
            raise
        except Exception as error:
            if len(records) == 1:
                rejects.append(Reject(records[0][0], "malformed", str(error)))
                return self._rows([])
        return pa.concat_tables(self._table([record], rejects) for record in records)

    def _rows(self, records: list[Record]) -> pa.Table:
        columns = self._format.columns(records)
        self._limit_tags(records, columns["tags"])
        columns["snapshot_date"] = [self._snapshot_date] * len(records)
        rows = pa.table(columns, raw_schema.TABLES[self._kind])
        for column in self._instants:
            bounds = pc.min_max(rows[column])
            if bounds["min"].is_valid and not (
                bounds["min"].value >= _FIRST_INSTANT and bounds["max"].value <= _LAST_INSTANT
            ):
                raise ValueError(f"{column} is at a time that no engine has")
        return rows

    def _limit_tags(self, records: list[Record], texts: list[bytes | None]) -> None:
        """Cut the tags of each record to the limits, and write their text anew where they were."""
        for i, text in enumerate(texts):
            # Most are short, so that no tag in them is too long, nor are they too many.
            if text is not None and len(text) > MAX_TAG_LENGTH:
                tags = records[i].tags or []
                # Each tag has two quotes and a comma.
                if len(tags) > MAX_TAGS or len(text) > MAX_TAG_LENGTH + 3 * len(tags):
                    self._cut_tags(records[i])
                    texts[i] = json_text(records[i].tags)
