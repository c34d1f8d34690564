"""The contracts' words on how rows combine, held against the rows of the sample."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.warehouse.builds import Build
from tools import layers

# By unit: the most that a sum may come to which counts nothing twice.
MOST = {
    "fraction": "select 1",
    "models": "select count(*) from intermediate.int_models",
    "datasets": "select max(datasets_total) from marts.dataset_share_by_language",
}


@pytest.fixture
def project(duckdb_build: Build) -> layers.Project:
    text = (duckdb_build.target / "manifest.json").read_text(encoding="utf-8")
    return layers.Project(json.loads(text))


def counted_twice(project: layers.Project, database: Path) -> dict[str, float]:
    """Columns whose sum over their ``additive_over`` is more than there is, with that sum."""
    found = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        for node in project.nodes("model"):
            if project.layer(node["unique_id"]) not in layers.FOR_READERS:
                continue
            for column in node["columns"].values():
                if total := _excess(connection, node, column, project.grain(node) or set()):
                    found[f"{node['name']}.{column['name']}"] = total
    return found


def _excess(
    connection: duckdb.DuckDBPyConnection,
    node: layers.Node,
    column: dict[str, Any],
    grain: set[str],
) -> float | None:
    meta = column["config"]["meta"]
    if meta["aggregation"] != "sum" or meta["unit"] not in MOST:
        return None
    others = sorted(grain - set(meta["additive_over"]))
    total, most = connection.execute(
        f"select max(total), ({MOST[meta['unit']]}) from ("
        f"select sum({column['name']}) as total from {node['schema']}.{node['alias']}"
        f" group by {', '.join(others) or 'all'})"
    ).fetchone()
    return total if total is not None and total > most * (1 + 1e-9) else None


def test_what_adds_up_counts_nothing_twice(project: layers.Project, duckdb_build: Build):
    assert counted_twice(project, duckdb_build.database) == {}


@pytest.mark.parametrize(
    ("model", "column", "additive_over"),
    [
        ("new_models", "new_models", ["month", "population"]),
        ("average_model_parameters", "new_models", ["month", "scope", "population"]),
        ("dataset_share_by_language", "share_of_declared", ["language"]),
        ("dataset_share_by_language", "datasets", ["language"]),
        ("dataset_share_by_language", "datasets_total", ["language"]),
        ("dataset_share_by_language", "share_fractional", ["language", "snapshot_date"]),
    ],
)
def test_a_sum_that_counts_twice_is_noticed(
    project: layers.Project, duckdb_build: Build, model: str, column: str, additive_over: list[str]
):
    node = project.manifest["nodes"][f"model.hub_observatory.{model}"]
    node["columns"][column]["config"]["meta"] |= {
        "aggregation": "sum",
        "additive_over": additive_over,
    }
    assert list(counted_twice(project, duckdb_build.database)) == [f"{model}.{column}"]


def test_every_description_stands_in_the_database_as_a_comment(
    project: layers.Project, duckdb_build: Build
):
    with duckdb.connect(str(duckdb_build.database), read_only=True) as connection:
        found = connection.execute(
            "select schema_name, table_name, '', comment from duckdb_tables()"
            " union all select schema_name, view_name, '', comment from duckdb_views()"
            " union all select schema_name, table_name, column_name, comment from duckdb_columns()"
        ).fetchall()
    kept = {tuple(name): comment for *name, comment in found}
    for node in [*project.nodes("model"), *project.nodes("seed")]:
        described = {"": node, **node["columns"]}
        for name, one in described.items():
            key = (node["schema"], node["alias"], name)
            assert kept[key] == (one["description"] or None), key
