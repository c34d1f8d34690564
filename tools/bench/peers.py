"""Figures to compare with: a loader as one first writes it, and what the machine can do.

Each runs in a process of its own: ``python -m tools.bench.peers naive | read_json | plain_sql``.
"""

import json
import sys
from pathlib import Path

import duckdb

from loaders.hub.fields import (
    COUNT,
    FLAG,
    INSTANT,
    NAME,
    SCORE,
    TEXT,
    fields_of,
    requested_fields,
)

_DUCKDB_TYPES = {
    TEXT: "VARCHAR",
    NAME: "VARCHAR",
    INSTANT: "TIMESTAMP",
    COUNT: "BIGINT",
    FLAG: "BOOLEAN",
    SCORE: "DOUBLE",
}


def naive(endpoint: str, folder: str) -> None:
    """The Hub's own client, its objects as dictionaries, and dlt.

    ``safetensors`` is not asked for: the client fails on a record whose map is missing.
    """
    import dlt
    from huggingface_hub import HfApi

    fields = [name for name in requested_fields("models") if name != "safetensors"]
    # Its type lists the fields of today by name.
    models = HfApi(endpoint).list_models(
        sort="created_at",
        expand=fields,  # type: ignore[arg-type]
    )
    dlt.pipeline(
        "naive",
        pipelines_dir=folder,
        destination=dlt.destinations.duckdb(f"{folder}/hub.duckdb"),
        dataset_name="naive",
    ).run((vars(model) for model in models), table_name="models")


def read_json(landed: str, folder: str) -> None:
    """The landed pages straight into parquet, by DuckDB: no checksum, no reject, no warehouse."""
    columns = {
        field.parent or field.json_name: (
            "JSON" if field.parent else _DUCKDB_TYPES.get(field.type, "JSON")
        )
        for field in fields_of("models")
    }
    pages = duckdb.read_json(f"{landed}/page-*.json.zst", columns=columns, format="array")
    pages.write_parquet(f"{folder}/models.parquet", compression="zstd")


def plain_sql(database: str, target: str) -> None:
    """The models that dbt has built, built once more by their statements alone.

    In the order in which dbt ended them, so that what one reads is there. No test, no
    description, no second thread.
    """
    results = json.loads(Path(target, "run_results.json").read_text())["results"]
    nodes = json.loads(Path(target, "manifest.json").read_text())["nodes"]
    with duckdb.connect(database) as connection:
        connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
        for result in results:
            node = nodes.get(result["unique_id"])  # a unit test is no node
            if node and node["resource_type"] == "model":
                kind = "view" if node["config"]["materialized"] == "view" else "table"
                connection.execute(
                    f"create or replace {kind} {result['relation_name']} as"
                    f" {result['compiled_code']}"
                )


if __name__ == "__main__":
    peers = {peer.__name__: peer for peer in (naive, read_json, plain_sql)}
    peers[sys.argv[1]](*sys.argv[2:])
