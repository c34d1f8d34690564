"""The production path with the real clients of dlt and dbt, on an emulated BigQuery.

What is incremental, a mart and all before them: every kind of table that dbt makes. What other
models say is the business of ``test_bigquery_analysis.py``, which has them all.
"""

import pytest

from tests.warehouse import builds
from tests.warehouse.bigquery import Project
from tests.warehouse.builds import PROJECT, Build
from tests.warehouse.parity import build_differences, without_times_of_loading


@pytest.fixture(scope="module")
def production(bigquery_url: str) -> Project:
    """A project of its own, for the whole module."""
    # Named as the other net's: dbt parses the project once for both.
    return Project(bigquery_url, PROJECT)


@pytest.fixture(scope="module")
def bigquery_build(production: Project, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The sample, loaded into the emulated BigQuery month by month, each followed by a build."""
    folder = tmp_path_factory.mktemp("bigquery-build")
    environment = production.environment()
    production.write_dbt_profile(folder, "hub_observatory")
    first, second = builds.SNAPSHOT_DATES
    builds.load_snapshot(builds.SAMPLE, first, "bigquery", folder, environment)
    # Data tests and unit tests are for GoogleSQL: the emulator computes some expressions wrongly.
    build = ["build", "--exclude-resource-type", "test", "unit_test", *builds.SETTINGS]
    build += builds.INCREMENTAL
    builds.dbt(build, "bigquery", folder, environment)
    builds.load_snapshot(builds.SAMPLE, second, "bigquery", folder, environment)
    # What is incremental, and all before it, is there now, and is added to or replaced.
    builds.dbt([*build, "+dataset_share_by_language"], "bigquery", folder, environment)
    target = folder / "target"
    tables = {
        relation: production.rows(f"select * from {relation}")
        for relation in builds.relations(target, built=True)
    }
    return Build(tables, target)


def test_two_months_loaded_and_built_one_after_the_other_make_the_rows_of_duckdb(
    bigquery_build: Build, duckdb_build: Build
):
    # Two loads, so two times of loading.
    built = {relation: duckdb_build.tables[relation] for relation in bigquery_build.tables}
    wanted = without_times_of_loading(built)
    different = build_differences(wanted, without_times_of_loading(bigquery_build.tables))
    assert not different, "\n".join(different)


def test_every_mart_has_rows_to_compare(duckdb_build: Build):
    marts = {name: rows for name, rows in duckdb_build.tables.items() if name.startswith("marts.")}
    assert marts
    for name, rows in marts.items():
        empty = [column for column in rows[0] if all(row[column] is None for row in rows)]
        assert not empty, name


def test_a_reader_of_one_snapshot_pays_for_one(bigquery_build: Build, production: Project):
    for kind in ("models", "datasets"):
        table = production.client().get_table(f"{production.name}.hub_raw.{kind}", retry=None)
        assert table.time_partitioning.field == "snapshot_date"


def test_columns_of_a_mart_are_described_in_bigquery(bigquery_build: Build, production: Project):
    built = builds.models(bigquery_build.target, built=True)
    marts = [model for model in built if model["schema"] == "marts"]
    assert marts
    for mart in marts:
        table = production.client().get_table(
            f"{production.name}.marts.{mart['alias']}", retry=None
        )
        described = {field.name: field.description for field in table.schema}
        assert described == {c["name"]: c["description"] for c in mart["columns"].values()}
        assert all(described.values()), mart["name"]
