"""Each repair of the emulator, by the accident that the stock one has."""

import datetime as dt

import dlt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.api_core.exceptions import BadRequest, NotFound
from google.cloud import bigquery
from google.oauth2.credentials import Credentials

from tests.warehouse.bigquery import TIMEOUT_SECONDS, Project


@pytest.fixture
def dataset(project: Project) -> str:
    """An empty dataset ``d`` of the test's project, as ``project.d``."""
    project.rows("create schema d")
    return f"{project.name}.d"


def pipeline(project: Project, folder, monkeypatch: pytest.MonkeyPatch) -> dlt.Pipeline:
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", project.url)
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    credentials = Credentials(token="any", quota_project_id=project.name)
    return dlt.pipeline(
        "emulated",
        destination=dlt.destinations.bigquery(credentials=credentials),
        dataset_name="raw",
        pipelines_dir=str(folder),
    )


def load_parquet(project: Project, table: pa.Table, name: str, path, **config) -> None:
    pq.write_table(table, path)
    client = project.client()
    job = client.load_table_from_file(
        path.open("rb"),
        f"{project.name}.d.{name}",
        job_config=bigquery.LoadJobConfig(source_format="PARQUET", **config),
        num_retries=0,
        timeout=TIMEOUT_SECONDS,
    )
    job.result(retry=None, timeout=TIMEOUT_SECONDS)


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


def test_an_apostrophe_in_a_description_does_not_stop_a_seed(project, dataset):
    project.rows("create table d.t as select 1 as x")
    description = '"""What the Hub\'s list says"""'
    project.rows(f"alter table `d`.`t` set OPTIONS(description={description})")


def test_a_column_added_through_the_api_can_be_queried(project, dataset):
    project.rows("create table d.t as select 1 as x")
    client = project.client()
    table = client.get_table(f"{dataset}.t", retry=None)
    table.schema = [*table.schema, bigquery.SchemaField("y", "INT64")]
    client.update_table(table, ["schema"], retry=None)
    assert project.rows("select x, y from d.t") == [{"x": 1, "y": None}]


def test_a_contract_casts_the_parenthesised_select(project, dataset):
    project.rows("create table d.t (x float64) as (select x from (select 1 as x))")
    assert project.table("d.t").schema.field("x").type == pa.float64()


def test_keys_that_are_not_enforced_are_accepted(project, dataset):
    project.rows("create table d.p (k int64, primary key (k) not enforced)")
    project.rows("create table d.c (k int64, foreign key (k) references d.p (k) not enforced)")
    assert project.rows("select count(*) as n from d.c") == [{"n": 0}]


def test_insert_overwrite_replaces_the_partitions_it_brings(project, dataset):
    project.rows(
        "create table d.t partition by day as"
        " select date '2026-01-01' as day, 1 as x union all select date '2026-02-01', 2"
    )
    # The script that dbt-bigquery runs for insert_overwrite, in short.
    project.rows("""
        declare dbt_partitions_for_replacement array<date>;
        create or replace table d.new as select date '2026-02-01' as day, 3 as x;
        set (dbt_partitions_for_replacement) = (
            select as struct array_agg(distinct day ignore nulls) from d.new
        );
        merge into d.t as old using (select * from d.new) as new on false
        when not matched by source and old.day in unnest(dbt_partitions_for_replacement)
            then delete
        when not matched then insert (day, x) values (day, x);
    """)
    rows = project.rows("select day, x from d.t order by day")
    assert rows == [
        {"day": dt.date(2026, 1, 1), "x": 1},
        {"day": dt.date(2026, 2, 1), "x": 3},
    ]


def test_parquet_columns_go_by_name_and_not_by_position(project, dataset, tmp_path):
    project.rows("create table d.t (a string, b string)")
    swapped = pa.table({"b": ["of b"], "a": ["of a"]})
    load_parquet(project, swapped, "t", tmp_path / "t.parquet")
    assert project.rows("select * from d.t") == [{"a": "of a", "b": "of b"}]


def test_parquet_makes_its_own_table_where_there_is_none(project, dataset, tmp_path):
    new = pa.table({"day": [dt.date(2026, 1, 1)], "n": [3]})
    load_parquet(project, new, "t", tmp_path / "t.parquet", autodetect=True)
    assert project.rows("select * from d.t") == [{"day": dt.date(2026, 1, 1), "n": 3}]


def test_dlt_loads_a_table_and_then_two_more_columns(project, tmp_path, monkeypatch):
    loading = pipeline(project, tmp_path, monkeypatch)
    loading.run([{"k": 1, "text": "a"}], table_name="t")  # compressed JSON lines
    loading.run([{"k": 2, "text": "b", "x": 1.5, "y": True}], table_name="t")
    assert project.rows("select k, text, x, y from raw.t order by k") == [
        {"k": 1, "text": "a", "x": None, "y": None},
        {"k": 2, "text": "b", "x": 1.5, "y": True},
    ]


def test_dlt_replaces_a_snapshot_and_keeps_the_others(project, tmp_path, monkeypatch):
    loading = pipeline(project, tmp_path, monkeypatch)

    def load(day: int, values: list[int]) -> None:
        rows = pa.table({"day": [dt.date(2026, 1, day)] * len(values), "x": values})
        loading.run(
            dlt.resource([rows], name="t", write_disposition="merge", merge_key="day"),
            loader_file_format="parquet",
        )

    load(1, [1, 2])
    load(2, [3])
    load(1, [4])
    assert project.rows("select extract(day from day) as day, x from raw.t order by 1") == [
        {"day": 1, "x": 4},
        {"day": 2, "x": 3},
    ]


def test_dlt_reads_back_what_it_loaded(project, tmp_path, monkeypatch):
    loading = pipeline(project, tmp_path, monkeypatch)
    loading.run([{"k": 1}, {"k": 2}], table_name="t")
    assert sorted(loading.dataset().t.select("k").arrow()["k"].to_pylist()) == [1, 2]
