"""Sizes that a crawl must come near: its snapshot's before, or the Hub's as others counted."""

from datetime import date

from loaders.load.plan import LoadPlan
from loaders.warehouse.snapshots import ReferenceSize, find_snapshot

HUB = "https://huggingface.co"


# Repositories that the Hub listed once.
REFERENCE_SIZES = {
    "models": ReferenceSize(3_117_871, date(2026, 10, 3), "a public crawl"),
    "datasets": ReferenceSize(1_000_000, date(2026, 7, 31), "Hugging Face's blog"),
}


def reference_size(endpoint: str, kind: str, snapshot_date: date) -> ReferenceSize | None:
    """Give the counted size of a listing of that day; None for another Hub, or an earlier day."""
    size = REFERENCE_SIZES[kind]
    return size if endpoint == HUB and snapshot_date >= size.on else None


def reference_of(plan: LoadPlan, kind: str) -> ReferenceSize | None:
    """Choose the size that a crawl is held against beside the snapshot before it; None for none.

    It is that of the snapshot of the same day, which the crawl would replace; for a first one, what
    others counted.
    """
    source = plan.source
    if source.is_synthetic or not source.is_complete:  # for a part, check_completeness looks
        return None
    # Beside a part, any listing looks large.
    of_kind = [s for s in plan.kept if s.kind == kind and s.is_whole]
    if loaded := find_snapshot(of_kind, kind, plan.snapshot_date):
        return ReferenceSize(loaded.records, loaded.snapshot_date, "loaded before")
    if source.is_local or any(s.snapshot_date < plan.snapshot_date for s in of_kind):
        return None
    return reference_size(source.name, kind, plan.snapshot_date)
