"""Each repair of the emulator, by the accident that the stock one has."""

import subprocess
import sys

import dlt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.api_core.exceptions import BadRequest, NotFound
from google.cloud import bigquery
from google.oauth2.credentials import Credentials

from tests.warehouse.bigquery import LAUNCHER, TIMEOUT_SECONDS, Project


@pytest.fixture
def dataset(project: Project) -> str:
    """An empty dataset ``d`` of the test's project, as ``project.d``."""
    project.rows("create schema d")
    return f"{project.name}.d"


def test_it_starts_without_an_extension_from_the_network(project):
    loaded = (
        "select count(*) as n from duckdb_extensions() where loaded and install_mode = 'REPOSITORY'"
    )
    assert project.rows(loaded) == [{"n": 0}]


def test_it_ends_with_who_started_it_though_that_was_killed():
    options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, str(LAUNCHER), "--until-stdin-closes"]
    with subprocess.Popen(command, **options) as emulator:
        assert any(line.startswith("http") for line in emulator.stdout)
        emulator.stdin.close()  # as the kernel does for a process that is killed
        assert emulator.wait() == 0


def test_a_wrong_query_is_an_error_and_not_an_empty_result(project):
    with pytest.raises(BadRequest, match="no_such_column"):
        project.rows("select no_such_column from (select 1 as x)")


def test_a_missing_table_is_reported_as_missing(project):
    with pytest.raises(NotFound):
        project.rows("select * from nowhere.nothing")


def test_a_crash_is_not_asked_again_for_ten_minutes(project, dataset):
    # A view cannot be dropped as a table, and the emulator does not expect that.
    project.rows("create view d.v as select 1 as x")
    with pytest.raises(BadRequest, match="crashed"):
        project.client().delete_table(f"{dataset}.v", retry=None, timeout=TIMEOUT_SECONDS)


def test_a_name_without_a_dataset_is_found_in_the_default_dataset(project, dataset):
    project.rows("create table d.t as select 7 as x")
    config = bigquery.QueryJobConfig(default_dataset=dataset)
    rows = project.client().query_and_wait("select x from t", job_config=config, retry=None)
    assert [row.x for row in rows] == [7]


def test_the_information_schema_is_read_beside_a_default_dataset(project, dataset):
    project.rows("create table d.t as select 7 as x")
    config = bigquery.QueryJobConfig(default_dataset=dataset)
    rows = project.client().query_and_wait(
        "select column_name from `d.INFORMATION_SCHEMA.COLUMNS` where table_name = 't'",
        job_config=config,
        retry=None,
    )
    assert [row.column_name for row in rows] == ["x"]


def test_nothing_divided_by_zero_is_nothing_and_one_is_an_error(project):
    assert project.rows("select x / y as z from (select null as x, 0 as y)") == [{"z": None}]
    with pytest.raises(BadRequest, match="division by zero"):
        project.rows("select x / y as z from (select 1 as x, 0 as y)")


def test_several_columns_are_added_in_one_statement(project, dataset):
    project.rows("create table d.t as select 1 as x")
    project.rows("/* dlt */ alter table `d.t` add column y string, add column z timestamp")
    assert project.rows("select * from d.t") == [{"x": 1, "y": None, "z": None}]


LAID_OUT = "(x int64, day date) partition by day cluster by x"


@pytest.mark.parametrize(
    ("layout", "is_taken"),
    [
        (LAID_OUT, True),
        ("(x int64) cluster by _id", False),
        ("(x int64) partition by day", False),
        ("(x int64, made timestamp) partition by date(made) cluster by x, y", False),
        ("cluster by x as (select * from (select 1 as x))", True),
        ("cluster by y as (select * from (select 1 as x, 2 as z))", False),
        (
            "(x int64) as (select sum(x) over (partition by y) as x from (select 1 as x, 2 as y))",
            True,
        ),
    ],
)
def test_a_table_is_laid_out_by_columns_that_it_has(project, dataset, layout, is_taken):
    statement = f"/* dbt */ create or replace table `d`.`t` {layout}"
    if is_taken:
        project.rows(statement)
    else:
        with pytest.raises(BadRequest, match="laid out by columns that it does not have"):
            project.rows(statement)


def test_a_label_does_not_stop_a_seed(project, dataset):
    project.rows("create table d.t as select 1 as x")
    project.rows("alter table `d`.`t` set OPTIONS(labels=[('project', 'hub')])")


def test_a_contract_casts_the_parenthesised_select(project, dataset):
    project.rows("create table d.t (x float64) as (select x from (select 1 as x))")
    (column,) = project.client().get_table(f"{dataset}.t", retry=None).schema
    assert (column.name, column.field_type) == ("x", "FLOAT")


def test_parquet_columns_go_by_name_and_not_by_position(project, dataset, tmp_path):
    project.rows("create table d.t (a string, b string)")
    pq.write_table(pa.table({"b": ["of b"], "a": ["of a"]}), tmp_path / "swapped.parquet")
    with (tmp_path / "swapped.parquet").open("rb") as file:
        job = project.client().load_table_from_file(
            file,
            f"{dataset}.t",
            job_config=bigquery.LoadJobConfig(source_format="PARQUET"),
            num_retries=0,
            timeout=TIMEOUT_SECONDS,
        )
    job.result(retry=None, timeout=TIMEOUT_SECONDS)
    assert project.rows("select * from d.t") == [{"a": "of a", "b": "of b"}]


def test_dlt_loads_compressed_rows_and_then_two_more_columns(project, tmp_path, monkeypatch):
    for name, value in project.environment().items():
        monkeypatch.setenv(name, value)
    credentials = Credentials(token="any", quota_project_id=project.name)
    pipeline = dlt.pipeline(
        "emulated",
        destination=dlt.destinations.bigquery(credentials=credentials),
        dataset_name="raw",
        pipelines_dir=str(tmp_path),
    )
    pipeline.run([{"k": 1, "text": "a"}], table_name="t")
    pipeline.run([{"k": 2, "text": "b", "x": 1.5, "y": True}], table_name="t")
    assert project.rows("select k, text, x, y from raw.t order by k") == [
        {"k": 1, "text": "a", "x": None, "y": None},
        {"k": 2, "text": "b", "x": 1.5, "y": True},
    ]
