"""From a page as received to a typed Arrow table, and the records that cannot be one.

A page is decoded in one go. Only a page that does not fit its types is taken apart, so that
one bad record costs that record and nothing else.
"""

import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, NamedTuple

import msgspec
import pyarrow as pa

from loaders import raw_schema

# A page of the Hub has some 2 MB. Larger ones are taken, and one that is larger than this would
# cost more memory than a machine for this work has.
MAX_PAGE_BYTES = 100_000_000
# A record without its files, config and card is about 1 kB; one chat template may be 100 kB.
MAX_RECORD_BYTES = 5_000_000
# What of a rejected record is kept to look into.
MAX_REJECT_TEXT = 10_000

Reason = Literal[
    "malformed",  # a field is missing, or is not of its type
    "too_large",  # over MAX_RECORD_BYTES
    "duplicate",  # its _id came before in this snapshot
    "created_after_snapshot",  # createdAt is later than the end of the snapshot date (UTC)
]

_INT64 = 2**63 - 1
_Integer = Annotated[int, msgspec.Meta(ge=-_INT64, le=_INT64)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=_INT64)]
_Name = Annotated[str, msgspec.Meta(min_length=1)]
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class _Safetensors(msgspec.Struct):
    parameters: dict[str, _Integer] | None = None
    total: _Integer | None = None


class _Gguf(msgspec.Struct):
    # Its chat template is most of a page's bytes; a field that is not named here is skipped.
    total: _Integer | None = None
    architecture: str | None = None
    context_length: _Integer | None = None


class _Listed(msgspec.Struct, rename="camel"):
    """What a listing says of a repository of either kind. An absent field is None."""

    hub_id: _Name = msgspec.field(name="_id")
    id: _Name
    author: str | None = None
    created_at: _Instant | None = None
    last_modified: _Instant | None = None
    private: bool | None = None
    disabled: bool | None = None
    gated: bool | str | None = None
    downloads: _Count | None = None
    downloads_all_time: _Count | None = None
    likes: _Count | None = None
    trending_score: float | None = None
    tags: list[str] | None = None


class _Dataset(_Listed, rename="camel"):
    pass


class _Model(_Listed, rename="camel"):
    pipeline_tag: str | None = msgspec.field(name="pipeline_tag", default=None)
    library_name: str | None = msgspec.field(name="library_name", default=None)
    safetensors: _Safetensors | None = None
    gguf: _Gguf | None = None


class _Named(msgspec.Struct):
    """As little of a record as tells that it is one; the rest is skipped, not decoded."""

    hub_id: _Name = msgspec.field(name="_id")


_UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_RECORDS = {"models": _Model, "datasets": _Dataset}
_NO_SAFETENSORS, _NO_GGUF = _Safetensors(), _Gguf()
_named_record, _named_page = msgspec.json.Decoder(_Named), msgspec.json.Decoder(list[_Named])
_json = msgspec.json.Encoder().encode
_is_hub_id = re.compile("[0-9a-f]{24}").fullmatch


class PageSurvey(NamedTuple):
    """What a page holds, as far as a crawl must know it.

    Attributes:
        last_id: the ``_id`` of the last record that can be read; empty in an empty page.
        unreadable: the records without an ``_id``, and those that are no UTF-8, as received.
    """

    records: int
    last_id: str
    unreadable: tuple[bytes, ...]


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
        if hub_id > self._last and _is_hub_id(hub_id):
            self._ascending += bytes.fromhex(hub_id)
            self._last = hub_id
            return True
        if hub_id in self._others or self._is_ascending(hub_id):
            return False
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
    """

    def __init__(self, kind: str, snapshot_date: date) -> None:
        self.records = 0
        self.without_created_at = 0
        self.rejects: Counter[Reason] = Counter()
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
        fitting = []
        for position, record in self._decoded(body, misfits):
            if record.created_at is not None and record.created_at >= self._end:
                detail = f"createdAt {record.created_at.isoformat()}"
                misfits.append(_Misfit(position, "created_after_snapshot", detail))
            elif not self._seen.add(record.hub_id):
                misfits.append(_Misfit(position, "duplicate", f"_id {record.hub_id}"))
            else:
                fitting.append(record)
        self.records += len(fitting)
        self.without_created_at += sum(record.created_at is None for record in fitting)
        self.rejects.update(misfit.reason for misfit in misfits)
        return self._rows(fitting), self._reject_rows(page, body, misfits)

    def _decoded(self, body: bytes, misfits: list[_Misfit]) -> Iterable[tuple[int, _Listed]]:
        if len(body) <= MAX_RECORD_BYTES:  # so no record in it is too large
            with suppress(*_UNDECODABLE):
                return enumerate(self._page.decode(body), 1)
        return self._decoded_one_by_one(body, misfits)

    def _decoded_one_by_one(
        self, body: bytes, misfits: list[_Misfit]
    ) -> Iterator[tuple[int, _Listed]]:
        for position, raw in enumerate(split_page(body), 1):
            if len(raw) > MAX_RECORD_BYTES:
                misfits.append(_Misfit(position, "too_large", f"{len(raw)} bytes"))
                continue
            try:
                record = self._record.decode(raw)
            except _UNDECODABLE as error:
                misfits.append(_Misfit(position, "malformed", str(error)))
            else:
                yield position, record

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
            "tags": [None if r.tags is None else _json(r.tags) for r in records],
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
        return pa.table(columns, raw_schema.TABLES[self._kind])

    def _reject_rows(self, page: int, body: bytes, misfits: list[_Misfit]) -> pa.Table:
        raws = split_page(body) if misfits else []
        texts = [bytes(raws[misfit.position - 1]) for misfit in misfits]
        columns = {
            "kind": [self._kind] * len(misfits),
            "snapshot_date": [self._snapshot_date] * len(misfits),
            "page": [page] * len(misfits),
            "position": [misfit.position for misfit in misfits],
            "reason": [misfit.reason for misfit in misfits],
            "detail": [misfit.detail for misfit in misfits],
            "raw_text": [t[:MAX_REJECT_TEXT].decode(errors="replace") for t in texts],
        }
        return pa.table(columns, raw_schema.REJECTS)


def split_page(body: bytes) -> Sequence[bytes | msgspec.Raw]:
    """The records of a page, each as JSON text.

    Raises:
        ValueError: it is no JSON array.
    """
    try:
        return msgspec.json.decode(body, type=list[msgspec.Raw])
    except _UNDECODABLE as error:
        problem = error
    # msgspec takes no half of a surrogate pair, which a stranger's tag can hold: that must cost
    # its record and not the page. The standard library takes it, ten times slower.
    try:
        records = json.loads(body)
    except (ValueError, RecursionError):
        records = None
    if not isinstance(records, list):
        raise ValueError(str(problem)) from problem
    return [json.dumps(record).encode() for record in records]


def survey_page(body: bytes) -> PageSurvey:
    """Look a page over, without decoding its records.

    Raises:
        ValueError: it is no JSON array, or holds things none of which is a record.
    """
    try:
        body.decode()  # msgspec skips what it does not need, be it UTF-8 or not
        named = _named_page.decode(body)
        return PageSurvey(len(named), named[-1].hub_id if named else "", ())
    except _UNDECODABLE:
        raws = [bytes(raw) for raw in split_page(body)]
    ids = [_hub_id(raw) for raw in raws]
    readable = [hub_id for hub_id in ids if hub_id is not None]
    if raws and not readable:
        raise ValueError(f"none of its {len(raws)} records has an _id")
    unreadable = tuple(raw for raw, hub_id in zip(raws, ids, strict=True) if hub_id is None)
    return PageSurvey(len(raws), readable[-1] if readable else "", unreadable)


def _hub_id(raw: bytes) -> str | None:
    try:
        raw.decode()
        return _named_record.decode(raw).hub_id
    except _UNDECODABLE:
        return None


def _gated(value: bool | str | None) -> str | None:
    return value if value is None or isinstance(value, str) else str(value).lower()


def parameter_entries(parameters: dict[str, int]) -> bytes:
    """Parameters by dtype, as the JSON text of the raw schema."""
    return _json([{"dtype": dtype, "parameters": n} for dtype, n in parameters.items()])
