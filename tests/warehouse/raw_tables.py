"""Listings of models put into the raw tables, without the loaders' minutes."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from loaders.warehouse import raw_schema
from tests.warehouse.reference import Snapshot


def put_raw_tables(database: Path, snapshots: Sequence[Snapshot]) -> None:
    """Write a database as the loaders do, of records that have few fields."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in raw_schema.TABLES}
    for snapshot in snapshots:
        rows["snapshots"].append(
            {
                "kind": "models",
                "snapshot_date": snapshot.snapshot_date,
                "is_complete": snapshot.is_complete,
                "loaded_at": datetime(2026, 12, 1, tzinfo=UTC),
            }
        )
        for record in snapshot.records:
            created, tags = record["createdAt"], record.get("tags") or []
            rows["models"].append(
                {
                    "snapshot_date": snapshot.snapshot_date,
                    "_id": record["_id"],
                    "id": record["id"],
                    "created_at": created and datetime.fromisoformat(created),
                    "downloads": record.get("downloads"),
                    "tags": json.dumps(tags, ensure_ascii=False, separators=(",", ":")),
                }
            )
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema hub_raw")
        for name, schema in raw_schema.TABLES.items():
            connection.register("listed", pa.Table.from_pylist(rows[name], schema=schema))
            connection.execute(f"create table hub_raw.{name} as select * from listed")
