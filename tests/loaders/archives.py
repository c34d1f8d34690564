"""Archives of earlier listings, as others keep them, for the tests of ``history``."""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_INSTANT = pa.timestamp("us")
_SAFETENSORS = pa.struct(
    [
        ("parameters", pa.struct([("BF16", pa.int64()), ("F32", pa.int64())])),
        ("total", pa.int64()),
    ]
)
# The columns of a file of models, in the types that they have there.
MODELS: dict[str, pa.DataType] = {
    "_id": pa.string(),
    "id": pa.string(),
    "author": pa.string(),
    "createdAt": _INSTANT,
    "lastModified": _INSTANT,
    "downloads": pa.int64(),
    "downloadsAllTime": pa.int64(),
    "likes": pa.int64(),
    "trendingScore": pa.float64(),
    "tags": pa.list_(pa.string()),
    "cardData": pa.string(),
    "safetensors": _SAFETENSORS,
    "gguf": pa.string(),
    "pipeline_tag": pa.string(),
    "library_name": pa.string(),
}
DATASETS: dict[str, pa.DataType] = {
    name: type for name, type in MODELS.items() if name not in ("safetensors", "gguf")
} | {"private": pa.bool_(), "disabled": pa.bool_(), "gated": pa.string()}


def archived(number: int, day: str, **values: Any) -> dict[str, Any]:
    """Make a row of an archive's file of that day, with nothing odd about it."""
    return {
        "_id": f"{number:024x}",
        "id": f"org-{number % 7}/model-{number}",
        "author": f"org-{number % 7}",
        "createdAt": datetime(2024, number % 6 + 1, 5, 10),
        "lastModified": datetime.fromisoformat(f"{day}T03:00:00"),
        "downloads": number * 3 + int(day[5:7]) * 31 + int(day[8:10]),
        "downloadsAllTime": 10_000 + number,
        "likes": number % 5,
        "trendingScore": 0.5,
        "tags": ["transformers", "license:mit"],
        "cardData": '{"license":"mit"}',
        "safetensors": {"parameters": {"BF16": 7_000 + number, "F32": None}, "total": 7_000},
        "pipeline_tag": "text-generation",
        "library_name": "transformers",
    } | values


def parquet(
    rows: Sequence[Mapping[str, Any]],
    types: Mapping[str, pa.DataType | None] | None = None,
    *,
    columns: Mapping[str, pa.DataType] = MODELS,
    **options: Any,
) -> bytes:
    """Write rows as a file of parquet.

    Args:
        types: of columns that differ: another type, or None for a column that is not there.
        columns: of a usual file, with their types.
        options: of ``pq.write_table``.
    """
    merged = {name: type for name, type in {**columns, **(types or {})}.items() if type}
    schema = pa.schema(merged.items())
    known = [{name: row.get(name) for name in merged} for row in rows]
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(known, schema), file, **options)
    return file.getvalue()


def write_week(folder: Path, week: str, content: bytes, kind: str = "models") -> Path:
    """Put a file into a folder with the weekly layout."""
    path = folder / kind / week / f"{kind}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def listing(day: str, numbers: Sequence[int] = range(1, 41), **values: Any) -> list[dict[str, Any]]:
    """Make the rows of a file of that day."""
    return [archived(number, day, **values) for number in numbers]


def instant(day: str) -> datetime:
    """Give the time of a commit on that day."""
    return datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC)
