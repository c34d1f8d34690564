"""Every statement that dbt sends to BigQuery, on GoogleSQL's own analyser and evaluator."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders.hub.fields import LISTINGS
from loaders.warehouse import raw_schema
from tests.warehouse import builds
from tests.warehouse.bigquery import Project
from tests.warehouse.builds import PROJECT, Build
from tests.warehouse.googlesql import (
    arrow_type_name,
    scalar_type,
    table_of,
    type_name,
)
from tests.warehouse.googlesql_api import served
from tests.warehouse.googlesql_warehouse import Warehouse
from tests.warehouse.parity import build_differences

SUCCESS = ("success", "pass")

# The evaluator takes a tenth of a second for each of 900 statements: minutes on a busy machine.
pytestmark = pytest.mark.timeout(1800)

# The analyser knows functions that BigQuery does not have. These are the ones in use, and each
# is in BigQuery's reference; a new one is looked up there before it is added.
BIGQUERY_FUNCTIONS = """
    abs any_value array_agg array_to_string avg ceil chr coalesce concat count current_timestamp
    date_diff date_sub datetime_add datetime_diff exp first_value floor generate_date_array greatest
    json_query_array json_value json_value_array lag lead least length ln log10 lower ltrim max min
    mod nullif pow regexp_contains regexp_extract regexp_extract_all regexp_replace replace round
    row_number sha256 sqrt starts_with string_agg strpos substr sum timestamp_add timestamp_trunc
    to_hex
"""


@pytest.fixture(scope="module")
def warehouse() -> Warehouse:
    """An empty project."""
    return Warehouse()


@pytest.fixture(scope="module")
def folder(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of dbt's profile and target; the warehouse listens at the profile's address."""
    with profile_for(warehouse, tmp_path_factory.mktemp("googlesql")) as folder:
        yield folder


@contextmanager
def profile_for(warehouse: Warehouse, folder: Path) -> Iterator[Path]:
    """Serve a warehouse to the dbt whose profile is written into a folder."""
    with served(warehouse) as url:
        Project(url, PROJECT).write_dbt_profile(folder, "hub_observatory")
        yield folder


def put_raw_tables(
    warehouse: Warehouse, sample_file: Path, until: str, loaded_before: timedelta = timedelta(0)
) -> None:
    """Put the sample's snapshots up to a date into ``hub_raw``, in the types of its schema.

    Args:
        warehouse: where to.
        sample_file: the DuckDB file that holds them.
        until: YYYY-MM-DD.
        loaded_before: how much earlier than there they were loaded.
    """
    with duckdb.connect(str(sample_file), read_only=True) as connection:
        for name in raw_schema.TABLES:
            rows = [
                row
                for row in builds.rows(connection, f"{raw_schema.RAW_DATASET}.{name}")
                if str(row.get("snapshot_date", "")) <= until
            ]
            if name == "snapshots":
                rows = [row | {"loaded_at": row["loaded_at"] - loaded_before} for row in rows]
            put_raw_table(warehouse, name, rows)


def put_raw_table(warehouse: Warehouse, name: str, rows: list[dict[str, Any]]) -> None:
    """Columns that a row leaves out are null."""
    schema = raw_schema.TABLES[name]
    rows = [dict.fromkeys(schema.names) | row for row in rows]
    columns = {field.name: scalar_type(arrow_type_name(field.type)) for field in schema}
    path = (PROJECT, raw_schema.RAW_DATASET, name)
    warehouse.language.put_table(path, table_of(columns, rows))


# What an earlier build published, of a snapshot that has been dropped since.
VINTAGE = {"figure": "new_models", "month": date(2026, 7, 1), "vintage": date(2026, 8, 3)}


def put_vintage(warehouse: Warehouse, target: Path) -> None:
    """Put a figure into the table that builds only add to."""
    (model,) = [m for m in builds.models(target) if m["name"] == "figure_vintages"]
    columns = {name: scalar_type(c["data_type"]) for name, c in model["columns"].items()}
    path = (PROJECT, model["schema"], model["alias"])
    warehouse.language.put_table(path, table_of(columns, [dict.fromkeys(columns) | VINTAGE]))


@pytest.fixture(scope="module")
def outcomes(warehouse: Warehouse, folder: Path, sample_file: Path) -> dict[str, str]:
    """The sample built in the warehouse: the status of every node, and its message, by its id.

    What is incremental was there before, from an earlier load of the first of the two snapshots.
    """
    first, last = builds.SNAPSHOT_DATES
    put_raw_tables(warehouse, sample_file, until=first, loaded_before=timedelta(days=1))
    builds.dbt(["run", *builds.INCREMENTAL, *builds.SETTINGS], "bigquery", folder, {})
    put_raw_tables(warehouse, sample_file, until=last)
    kill_a_build(warehouse, folder / "target")
    put_vintage(warehouse, folder / "target")
    (folder / "target" / "run_results.json").unlink()
    build = ["build", "--exclude-resource-type", "exposure", *builds.SETTINGS]
    with suppress(RuntimeError):  # what failed is in the results, for the tests below
        builds.dbt(build, "bigquery", folder, {})
    return builds.outcomes(folder / "target")


def kill_a_build(warehouse: Warehouse, target: Path) -> None:
    """Leave every other table as a build does that deletes what is outdated and adds nothing.

    Of the first snapshot, which was loaded again, all rows are.
    """
    kept = [m for m in builds.models(target) if builds.KEPT_BY_SNAPSHOT in m["config"]["tags"]]
    lost = 0
    for model in sorted(kept, key=lambda model: model["name"])[::2]:
        path = (PROJECT, model["schema"], model["alias"])
        table = warehouse.language.table(path)
        lost += len(table.rows())
        warehouse.language.put_table(path, table_of(table.columns, []))
    assert lost


@pytest.mark.parametrize("kind", ["seed", "model", "test", "unit_test"])
def test_bigquery_takes_every_statement(outcomes: dict[str, str], kind: str):
    of_kind = {node: outcome for node, outcome in outcomes.items() if node.startswith(f"{kind}.")}
    assert of_kind
    failed = [f"{n}: {outcome}" for n, outcome in of_kind.items() if outcome not in SUCCESS]
    assert not failed, "\n".join(failed)


def test_bigquery_computes_what_duckdb_computes_even_after_a_killed_build(
    outcomes, warehouse: Warehouse, duckdb_build: Build
):
    computed = {}
    for relation in duckdb_build.tables:
        table = warehouse.language.table((PROJECT, *relation.split(".")))
        computed[relation] = table.rows() if table else []
    vintages = computed["ecosystem.figure_vintages"]
    vintages.remove(next(row for row in vintages if row.items() >= VINTAGE.items()))
    different = build_differences(duckdb_build.tables, computed)
    assert not different, "\n".join(different)


def test_columns_have_the_types_that_their_description_gives(
    outcomes, warehouse: Warehouse, folder: Path
):
    wrong = []
    for model in builds.models(folder / "target"):
        table = warehouse.language.table((PROJECT, model["schema"], model["alias"]))
        for column in model["columns"].values():
            if table and column["data_type"]:
                given = type_name(scalar_type(column["data_type"]))
                resolved = type_name(table.columns[column["name"]])
                if given != resolved:
                    wrong.append(f"{model['name']}.{column['name']}: {given}, is {resolved}")
    assert not wrong, "\n".join(wrong)


def test_models_are_laid_out_by_columns_that_they_have(
    outcomes, warehouse: Warehouse, folder: Path
):
    laid_out = 0
    for model in builds.models(folder / "target"):
        config = model["config"]
        partition, cluster = config.get("partition_by"), config.get("cluster_by") or []
        if not partition and not cluster:
            continue
        laid_out += 1
        columns = warehouse.language.table((PROJECT, model["schema"], model["alias"])).columns
        types = {name: type_name(type_).lower() for name, type_ in columns.items()}
        assert set([cluster] if isinstance(cluster, str) else cluster) <= set(types), model["name"]
        if partition:
            assert types.get(partition["field"]) == partition["data_type"], model["name"]
    assert laid_out


def test_every_relation_is_made_with_its_description_and_its_label(outcomes, folder: Path):
    """Read in the statements: neither net keeps options of tables."""
    for model in builds.models(folder / "target"):
        statement = builds.statement(folder / "target", model)
        if model["config"]["materialized"] == "incremental":  # made by the first build
            continue
        assert "labels=[('project', 'hub-observatory')]" in statement, model["name"]
        assert model["description"], model["name"]
        assert f'description="""{model["description"][:20]}' in statement, model["name"]


def test_only_functions_that_bigquery_has_are_in_use(outcomes, warehouse: Warehouse):
    functions = {name for name in warehouse.functions if not name.startswith("$")}
    assert sorted(functions - set(BIGQUERY_FUNCTIONS.split())) == []


def test_datasets_that_are_loaded_again_leave_the_models_of_that_day_where_they_are(
    tmp_path: Path,
):
    """BigQuery learns what is missing when a model is compiled, before its hook deletes."""
    warehouse, day = Warehouse(), date(2026, 10, 3)

    def build(loaded: dict[str, datetime]) -> set[tuple[str, datetime]]:
        snapshots = [
            {"kind": kind, "snapshot_date": day, "loaded_at": at} for kind, at in loaded.items()
        ]
        put_raw_table(warehouse, "snapshots", snapshots)
        run = ["run", "--select", "+int_snapshot_fields", *builds.SETTINGS]
        builds.dbt(run, "bigquery", tmp_path, {})
        kept = warehouse.language.table((PROJECT, "intermediate", "int_snapshot_fields"))
        return {(row["kind"], row["loaded_at"]) for row in kept.rows()}

    for kind in LISTINGS:
        put_raw_table(warehouse, kind, [{"_id": "1", "id": "a/b", "snapshot_date": day}])
    with profile_for(warehouse, tmp_path):
        loaded = {kind: datetime(2026, 10, 4, tzinfo=UTC) for kind in LISTINGS}
        assert build(loaded) == set(loaded.items())
        loaded["datasets"] = datetime(2026, 10, 5, tzinfo=UTC)
        assert build(loaded) == set(loaded.items())
