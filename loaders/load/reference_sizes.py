"""How large the Hub is known to be: what a first crawl is held against, before any snapshot is."""

from datetime import date

from loaders.warehouse.snapshots import ReferenceSize

HUB = "https://huggingface.co"


REFERENCE_SIZES = {
    "models": ReferenceSize(3_117_871, date(2026, 10, 3), "a public crawl"),
    "datasets": ReferenceSize(1_000_000, date(2026, 7, 31), "Hugging Face's blog"),
}


def reference_size(endpoint: str, kind: str, snapshot_date: date) -> ReferenceSize | None:
    """What a listing of that day must come near; None for another Hub, or an earlier day."""
    size = REFERENCE_SIZES[kind]
    return size if endpoint == HUB and snapshot_date >= size.on else None
