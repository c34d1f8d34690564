"""The records that are left out of a snapshot, and why."""

from collections.abc import Sequence
from datetime import date
from operator import attrgetter
from typing import Literal, NamedTuple

import pyarrow as pa

from loaders.hub.page_survey import split_page
from loaders.warehouse import raw_schema

# Of a rejected record, what is kept to look into: bytes of it, and characters of what was wrong,
# which quotes what strangers wrote.
MAX_REJECT_TEXT = 10_000
MAX_DETAIL = 500

Reason = Literal[
    "malformed",  # a field is missing, or is not of its type
    "too_large",  # over MAX_RECORD_BYTES
    "duplicate",  # its _id came before in this snapshot
    "created_after_snapshot",  # createdAt is later than the end of the snapshot date (UTC)
]


class Reject(NamedTuple):
    """One record that is left out."""

    position: int  # from 1, within the page
    reason: Reason
    detail: str


def reject_rows(
    kind: str, snapshot_date: date, page: int, body: bytes, rejects: Sequence[Reject]
) -> pa.Table:
    """Make rows of ``hub_raw.rejects``, in the order of the page.

    Args:
        page: its number in the landing zone.
        body: of the page, as received.
    """
    rejects = sorted(rejects, key=attrgetter("position"))
    records = split_page(body) if rejects else []
    texts = [bytes(records[reject.position - 1]) for reject in rejects]
    columns = {
        "kind": [kind] * len(rejects),
        "snapshot_date": [snapshot_date] * len(rejects),
        "page": [page] * len(rejects),
        "position": [reject.position for reject in rejects],
        "reason": [reject.reason for reject in rejects],
        "detail": [reject.detail[:MAX_DETAIL] for reject in rejects],
        "raw_text": [text[:MAX_REJECT_TEXT].decode(errors="replace") for text in texts],
    }
    return pa.table(columns, raw_schema.REJECTS)
