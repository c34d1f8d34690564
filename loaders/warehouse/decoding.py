"""From a page as received to a typed Arrow table, and the records that cannot be one.

A page is decoded in one go. Only a page that does not fit its types is taken apart, so that
one bad record costs that record and nothing else. What a record may cost is bounded: strangers
write it, and a valid one can be monstrous.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from typing import Annotated, Literal, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from loaders.hub.page_survey import split_page
from loaders.limits import (
    MAX_COUNT,
    MAX_NAME_LENGTH,
    MAX_NUMBER_FORMATS,
    MAX_RECORD_BYTES,
    MAX_TAG_LENGTH,
    MAX_TAGS,
)
from loaders.warehouse import raw_schema

# Of a rejected record, what is kept to look into: bytes of it, and characters of what was wrong,
# which quotes what strangers wrote.
MAX_REJECT_TEXT = 10_000
_MAX_DETAIL = 500
_RECORDS_A_TABLE = 1_000  # so many are Python objects at a time

Reason = Literal[
    "malformed",  # a field is missing, or is not of its type
    "too_large",  # over MAX_RECORD_BYTES
    "duplicate",  # its _id came before in this snapshot
    "created_after_snapshot",  # createdAt is later than the end of the snapshot date (UTC)
]

_INT64 = 2**63 - 1
_Integer = Annotated[int, msgspec.Meta(ge=-_INT64, le=_INT64)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)]
_Score = Annotated[float, msgspec.Meta(ge=-MAX_COUNT, le=MAX_COUNT)]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_LENGTH)]
_Text = Annotated[str, msgspec.Meta(max_length=MAX_NAME_LENGTH)]
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]
_Parameters = Annotated[dict[_Text, _Integer], msgspec.Meta(max_length=MAX_NUMBER_FORMATS)]


class _Safetensors(msgspec.Struct):
    # Which number of parameters can be is for dbt to say; any that fits 64 bits travels.
    parameters: (
        Annotated[dict[_Text, _Integer], msgspec.Meta(max_length=MAX_NUMBER_FORMATS)] | None
    ) = None
    total: _Integer | None = None


class _Gguf(msgspec.Struct):
    # Its chat template is most of a page's bytes; a field that is not named here is skipped.
    total: _Integer | None = None
    architecture: _Text | None = None
    context_length: _Integer | None = None  # it counts nothing that a listing is summed by


class _Listed(msgspec.Struct, rename="camel"):
    """What a listing says of a repository of either kind. An absent field is None."""

    hub_id: _Name = msgspec.field(name="_id")
    id: _Name
    author: _Text | None = None
    created_at: _Instant | None = None
    last_modified: _Instant | None = None
    private: bool | None = None
    disabled: bool | None = None
    gated: bool | _Text | None = None
    downloads: _Count | None = None
    downloads_all_time: _Count | None = None
    likes: _Count | None = None
    trending_score: _Score | None = None
    tags: list[str] | None = None


class _Dataset(_Listed, rename="camel"):
    pass


class _Model(_Listed, rename="camel"):
    pipeline_tag: _Text | None = msgspec.field(name="pipeline_tag", default=None)
    library_name: _Text | None = msgspec.field(name="library_name", default=None)
    safetensors: _Safetensors | None = None
    gguf: _Gguf | None = None


_RECORDS = {"models": _Model, "datasets": _Dataset}
_NO_SAFETENSORS, _NO_GGUF = _Safetensors(), _Gguf()
_json = msgspec.json.Encoder().encode
# Microseconds since 1970, UTC. With an offset, a date of the first or last year can fall outside.
_FIRST_INSTANT, _LAST_INSTANT = (
    pa.scalar(instant, pa.timestamp("us")).value
    for instant in (datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59))
)
_is_hub_id = re.compile("[0-9a-f]{24}").fullmatch


class _Misfit(NamedTuple):
    position: int  # from 1, within the page
    reason: Reason
    detail: str


class SeenIds:
    """Which ``_id`` of a snapshot came before, at 12 bytes each.

    The Hub lists in the order of ``_id``, so almost every one is above all before it and is
    new without a look-up. The others, which only a broken listing sends, are looked up.
    """

    _WIDTH = 12  # an _id is the 24 hexadecimal digits of so many bytes

    def __init__(self) -> None:
        self._ascending = bytearray()
        self._last = ""
        self._others: set[str] = set()

    def add(self, hub_id: str) -> bool:
        """Take one ``_id`` in; say whether it is new."""
        if self._others and hub_id in self._others:
            return False
        if hub_id > self._last and _is_hub_id(hub_id):
            self._ascending += bytes.fromhex(hub_id)
            self._last = hub_id
            return True
        if self._is_ascending(hub_id):
            return False
        if _is_hub_id(hub_id) and len(self) > 1 and hub_id > self[len(self) - 2]:
            # The one before it was out of order, and too high: all that follow are below that one.
            self._others.add(self._last)
            self._ascending[-self._WIDTH :] = bytes.fromhex(hub_id)
            self._last = hub_id
        else:
            self._others.add(hub_id)
        return True

    def _is_ascending(self, hub_id: str) -> bool:
        at = bisect_left(self, hub_id)
        return at < len(self) and self[at] == hub_id

    def __len__(self) -> int:
        return len(self._ascending) // self._WIDTH

    def __getitem__(self, index: int) -> str:
        start = index * self._WIDTH
        return self._ascending[start : start + self._WIDTH].hex()


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
        self._record = msgspec.json.Decoder(_RECORDS[kind])
        self._page = msgspec.json.Decoder(list[_RECORDS[kind]])

    def decode(self, page: int, body: bytes) -> tuple[pa.Table, pa.Table]:
        """Turn a page into rows of the raw schema.

        Args:
            page: its number in the landing zone.
            body: a JSON array, as received.

        Returns:
            The records that fit, in the order of the page, with the kind's raw schema; and
            the records left out, with the schema of ``rejects``.
        """
        misfits: list[_Misfit] = []
        fitting: list[tuple[int, _Listed]] = []
        tables = []
        for position, record in self._decoded(body, misfits):
            if record.created_at is not None and record.created_at >= self._end:
                detail = f"createdAt {record.created_at.isoformat()}"
                misfits.append(_Misfit(position, "created_after_snapshot", detail))
                continue
            if not self._seen.add(record.hub_id):
                misfits.append(_Misfit(position, "duplicate", f"_id {record.hub_id}"))
                continue
            fitting.append((position, record))
            if len(fitting) == _RECORDS_A_TABLE:
                tables.append(self._held(fitting, misfits))
                fitting.clear()
        rows = pa.concat_tables([*tables, self._held(fitting, misfits)])
        self.records += rows.num_rows
        self.without_created_at += rows["created_at"].null_count
        self.rejects.update(misfit.reason for misfit in misfits)
        misfits.sort(key=attrgetter("position"))
        return rows, self._reject_rows(page, body, misfits)

    def _decoded(self, body: bytes, misfits: list[_Misfit]) -> Iterable[tuple[int, _Listed]]:
        if len(body) <= MAX_RECORD_BYTES:  # so no record in it is too large
            with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return enumerate(self._page.decode(body), 1)
        return self._decoded_one_by_one(body, misfits)

    def _decoded_one_by_one(
        self, body: bytes, misfits: list[_Misfit]
    ) -> Iterator[tuple[int, _Listed]]:
        for position, raw in enumerate(map(bytes, split_page(body)), 1):
            if len(raw) > MAX_RECORD_BYTES:
                misfits.append(_Misfit(position, "too_large", f"{len(raw)} bytes"))
                continue
            try:
                record = self._record.decode(raw)
            except MemoryError:
                raise
            except Exception as error:  # whatever it is, it is about this record
                misfits.append(_Misfit(position, "malformed", str(error)))
            else:
                self._cut_tags(record)  # now, before the next one takes as much memory
                yield position, record

    def _cut_tags(self, record: _Listed) -> None:
        """Leave out the tags that are too many or too long, and count them."""
        tags = record.tags
        if tags and (len(tags) > MAX_TAGS or max(map(len, tags)) > MAX_TAG_LENGTH):
            record.tags = [tag for tag in tags if len(tag) <= MAX_TAG_LENGTH][:MAX_TAGS]
            self.tags_cut += len(tags) - len(record.tags)

    def _held(self, records: list[tuple[int, _Listed]], misfits: list[_Misfit]) -> pa.Table:
        """The records as rows, less those of which a table cannot be made."""
        try:
            return self._rows([record for _, record in records])
        except MemoryError:
            raise
        except Exception as error:
            if len(records) == 1:
                misfits.append(_Misfit(records[0][0], "malformed", str(error)))
                return self._rows([])
        return pa.concat_tables(self._held([record], misfits) for record in records)

    def _rows(self, records: list[_Listed]) -> pa.Table:
        columns = {
            "snapshot_date": [self._snapshot_date] * len(records),
            "_id": [r.hub_id for r in records],
            "id": [r.id for r in records],
            "author": [r.author for r in records],
            "created_at": [r.created_at for r in records],
            "last_modified": [r.last_modified for r in records],
            "private": [r.private for r in records],
            "disabled": [r.disabled for r in records],
            "gated": [_gated(r.gated) for r in records],
            "downloads": [r.downloads for r in records],
            "downloads_all_time": [r.downloads_all_time for r in records],
            "likes": [r.likes for r in records],
            "trending_score": [r.trending_score for r in records],
            "tags": self._tag_texts(records),
        }
        if self._kind == "models":
            safetensors = [r.safetensors or _NO_SAFETENSORS for r in records]
            gguf = [r.gguf or _NO_GGUF for r in records]
            columns |= {
                "pipeline_tag": [r.pipeline_tag for r in records],
                "library_name": [r.library_name for r in records],
                "safetensors_parameters": [
                    None if s.parameters is None else parameter_entries(s.parameters)
                    for s in safetensors
                ],
                "safetensors_total": [s.total for s in safetensors],
                "gguf_total": [g.total for g in gguf],
                "gguf_architecture": [g.architecture for g in gguf],
                "gguf_context_length": [g.context_length for g in gguf],
            }
        rows = pa.table(columns, raw_schema.TABLES[self._kind])
        for column in ("created_at", "last_modified"):
            bounds = pc.min_max(rows[column])
            if bounds["min"].is_valid and not (
                bounds["min"].value >= _FIRST_INSTANT and bounds["max"].value <= _LAST_INSTANT
            ):
                raise ValueError(f"{column} is at a time that no engine has")
        return rows

    def _tag_texts(self, records: list[_Listed]) -> list[bytes | None]:
        texts = [None if r.tags is None else _json(r.tags) for r in records]
        for i, text in enumerate(texts):
            # Most are short, so that no tag in them is too long, nor are they too many.
            if text is not None and len(text) > MAX_TAG_LENGTH:
                record = records[i]
                # Each tag has two quotes and a comma.
                if len(record.tags) > MAX_TAGS or len(text) > MAX_TAG_LENGTH + 3 * len(record.tags):
                    self._cut_tags(record)
                    texts[i] = _json(record.tags)
        return texts

    def _reject_rows(self, page: int, body: bytes, misfits: list[_Misfit]) -> pa.Table:
        raws = split_page(body) if misfits else []
        texts = [bytes(raws[misfit.position - 1]) for misfit in misfits]
        columns = {
            "kind": [self._kind] * len(misfits),
            "snapshot_date": [self._snapshot_date] * len(misfits),
            "page": [page] * len(misfits),
            "position": [misfit.position for misfit in misfits],
            "reason": [misfit.reason for misfit in misfits],
            "detail": [misfit.detail[:_MAX_DETAIL] for misfit in misfits],
            "raw_text": [t[:MAX_REJECT_TEXT].decode(errors="replace") for t in texts],
        }
        return pa.table(columns, raw_schema.REJECTS)


def _gated(value: bool | str | None) -> str | None:
    return value if value is None or isinstance(value, str) else str(value).lower()


def parameter_entries(parameters: dict[str, int]) -> bytes:
    """Parameters by dtype, as the JSON text of the raw schema."""
    return _json([{"dtype": dtype, "parameters": n} for dtype, n in parameters.items()])
