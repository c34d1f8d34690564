"""A survey of what a page of a listing holds, which decodes none of its records.

A record that is no JSON, or that no decoder takes, must cost itself and not its page.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Annotated, NamedTuple

import msgspec

from loaders.limits import MAX_NAME_LENGTH, MAX_PAGE_RECORDS, MAX_RECORD_BYTES

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_LENGTH)]
_SLICE_BYTES = 1_000_000  # of a page, checked to be UTF-8 at a time
# What tells where a record ends: texts, in which brackets mean nothing, brackets and commas.
_array_begins = re.compile(rb"\s*\[").match
_array_ends = re.compile(rb"\]\s*\Z").search
_tokens = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{},]', re.DOTALL).finditer
_CLOSES = {ord("["): ord("]"), ord("{"): ord("}")}


class PageSurvey(NamedTuple):
    """The part of a page's content that a crawl must know.

    Attributes:
        last_id: the ``_id`` of the last record that can be read; empty in an empty page.
        middle_id: that of the record in the middle. A page whose last ``_id`` is spoilt still tells
            by this one where in the listing it is.
        unreadable: the records without an ``_id``, those that are no UTF-8 and those nested too
            deep, as received.
        ids: every ``_id`` that can be read, in the order of the page.
    """

    records: int
    last_id: str
    middle_id: str
    unreadable: tuple[bytes, ...]
    ids: Sequence[str]


class _Named(msgspec.Struct):
    """The one field that tells a record from other JSON; the rest is skipped, not decoded."""

    hub_id: _Name = msgspec.field(name="_id")


_named_record, _named_page = msgspec.json.Decoder(_Named), msgspec.json.Decoder(list[_Named])


def split_page(body: bytes) -> Sequence[bytes | msgspec.Raw]:
    """Split a page into its records, each as JSON text.

    One that is no JSON, or JSON that no decoder takes (half of a surrogate pair, nesting of
    thousands of levels), is a record like the others: it must cost itself and not the page.

    Raises:
        ValueError: it is no array of at most MAX_PAGE_RECORDS things.
    """
    records: Sequence[bytes | msgspec.Raw] | None = None
    if len(body) <= MAX_RECORD_BYTES or _named(body) is not None:
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            records = msgspec.json.decode(body, type=list[msgspec.Raw])
    if records is None:
        records = list(_split_by_brackets(body))
    _check_size(len(records))
    return records


def _named(body: bytes) -> list[_Named] | None:
    """Read the ``_id`` of each record, where each has one and all is text; else None."""
    # Each takes memory, and what is no record could be there a hundred million times.
    if len(body) > MAX_RECORD_BYTES and body.count(b'"_id"') > 2 * MAX_PAGE_RECORDS:
        return None
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        _check_text(body)  # msgspec skips what it does not need, be it UTF-8 or not
        return _named_page.decode(body)
    return None


def _check_text(body: bytes) -> None:
    """Raise UnicodeDecodeError: it is no UTF-8. A large page is not made text all at once."""
    if len(body) <= MAX_RECORD_BYTES:
        body.decode()
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(body), _SLICE_BYTES):
        decoder.decode(body[start : start + _SLICE_BYTES])
    decoder.decode(b"", final=True)


def _split_by_brackets(body: bytes) -> Iterator[bytes]:
    """Split a page of any size, or that no decoder takes, as ``split_page``; ten times slower."""
    begins = _array_begins(body)
    if begins is None or not _array_ends(body[-100:]):
        raise ValueError("it is no JSON array")
    start, records = begins.end(), 0
    closing = bytearray()  # what closes each of the brackets that are open
    for token in _tokens(body, start):
        at = token.start()
        character = body[at]
        if character in _CLOSES:
            closing.append(_CLOSES[character])
        elif character == ord("]") and not closing:
            _check_end(body, token.end())
            if records or body[start:at].strip():
                yield body[start:at].strip()
            return
        elif character in b"]}":
            if not closing or closing.pop() != character:
                raise ValueError(f"a bracket does not match another (byte {at})")
        elif character == ord(",") and not closing:
            records += 1
            _check_size(records)
            yield body[start:at].strip()
            start = token.end()
        elif token.end() - at == 1 and character == ord('"'):
            raise ValueError(f"a text does not end (byte {at})")
    raise ValueError("it does not end")


def _check_end(body: bytes, at: int) -> None:
    if body[at:].strip():
        raise ValueError("it goes on after its end")


def _check_size(records: int) -> None:
    if records > MAX_PAGE_RECORDS:
        raise ValueError(f"it has more than {MAX_PAGE_RECORDS:,} records")


def survey_page(body: bytes) -> PageSurvey:
    """Look a page over, without decoding its records.

    Raises:
        ValueError: it is no JSON array, holds things none of which is a record, or is larger
            than a page can be.
    """
    named = _named(body)
    if named is not None:
        _check_size(len(named))
        ids = [record.hub_id for record in named]
        unreadable: tuple[bytes, ...] = ()
        records = len(ids)
    else:
        raws = split_page(body)
        found = [_hub_id(bytes(raw)) for raw in raws]
        ids = [hub_id for hub_id in found if hub_id is not None]
        if raws and not ids:
            raise ValueError(f"none of its {len(raws)} records has an _id")
        unreadable = tuple(
            bytes(raw) for raw, hub_id in zip(raws, found, strict=True) if hub_id is None
        )
        records = len(raws)
    last, middle = (ids[-1], ids[len(ids) // 2]) if ids else ("", "")
    return PageSurvey(records, last, middle, unreadable, ids)


def _hub_id(raw: bytes) -> str | None:
    try:
        raw.decode()
        return _named_record.decode(raw).hub_id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
