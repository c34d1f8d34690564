"""The load jobs that a snapshot takes on BigQuery, which allows a table 1,500 a day."""

import json
from datetime import date
from pathlib import Path

import dlt
import pytest

from loaders.landing.landed_crawl import LandedCrawl
from loaders.warehouse import resources
from loaders.warehouse.decoding import SnapshotDecoder
from loaders.warehouse.destinations import destination
from loaders.warehouse.raw_tables import RawTables
from loaders.warehouse.snapshots import Origin
from tests.warehouse.bigquery import Project

RECORDS = 7


@pytest.fixture
def crawl(tmp_path: Path) -> LandedCrawl:
    """A complete crawl of models, one a page."""
    crawl = LandedCrawl(str(tmp_path / "landing"), "hub", "models", date(2026, 10, 15))
    for number in range(1, RECORDS + 1):
        record = {"_id": f"{number:024x}", "id": f"a/{number}", "tags": []}
        crawl.add_page(
            json.dumps([record]).encode(),
            path=f"/{number}",
            next_path=f"/{number + 1}" if number < RECORDS else None,
            records=1,
            last_id=record["_id"],
            requests=1,
            rate_limited=0,
        )
    crawl.complete("https://hub.example")
    return crawl


@pytest.mark.parametrize(("limit", "jobs"), [(3, 3), (RECORDS, 1), (None, 1)])
def test_a_hub_of_millions_does_not_use_up_the_load_jobs_of_a_day(
    project: Project, crawl: LandedCrawl, tmp_path: Path, monkeypatch, limit: int | None, jobs: int
):
    for name, value in project.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HUB_DUCKDB_PATH", str(tmp_path / "hub.duckdb"))
    monkeypatch.setattr(resources, "ROWS_A_BATCH", 1)  # a file ends after a batch
    if limit is not None:
        monkeypatch.setenv("DATA_WRITER__FILE_MAX_ITEMS", str(limit))
    warehouse = RawTables(destination("bigquery"))
    decoder = SnapshotDecoder(crawl.kind, crawl.snapshot_date)
    warehouse.load(crawl, decoder, Origin("https://hub.example", is_synthetic=False))
    loads = [
        job.destination.table_id
        for job in project.client().list_jobs(retry=None)
        if job.job_type == "load"
    ]
    assert loads.count("models") == jobs
    (counted,) = project.rows("select count(*) as models from hub_raw.models")
    assert counted["models"] == RECORDS


def test_a_file_holds_a_million_rows():
    assert dlt.config.get("data_writer.file_max_items", int) == 1_000_000
