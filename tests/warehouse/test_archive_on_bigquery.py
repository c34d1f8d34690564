"""An archive of earlier listings on BigQuery: the rows that DuckDB has."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from loaders import cli
from tests.loaders.archives import DATASETS, archived, listing, parquet, write_week
from tests.warehouse.bigquery import Project


def test_an_archive_makes_the_same_rows_on_both_engines(
    bigquery_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "archive"
    odd = archived(41, "2026-06-05", tags=['qu"ote', "ü"], safetensors=None, gguf='{"total": 7}')
    twice = archived(1, "2026-06-05")
    write_week(folder, "2026-06-03", parquet([*listing("2026-06-05"), odd, twice]))
    write_week(folder, "2026-07-01", parquet(listing("2026-07-04"), {"_id": None}))
    write_week(folder, "2026-07-01", parquet(listing("2026-07-04"), columns=DATASETS), "datasets")
    project = Project(bigquery_url, "test-archive")
    for name, value in project.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HUB_DUCKDB_PATH", str(tmp_path / "hub.duckdb"))
    monkeypatch.setenv("HUB_LANDING", str(tmp_path / "landing"))
    for target in ("bigquery", "duckdb"):
        assert cli.main(["history", "--from", str(folder), "--target", target]) == 0
    columns = "kind, snapshot_date, records, rejects, archive_date, obtained_from, is_frozen"
    models = "_id, id, created_at, downloads, tags, safetensors_parameters, gguf_total"
    with duckdb.connect(str(tmp_path / "hub.duckdb"), read_only=True) as database:
        for query in (
            f"select {columns} from hub_raw.snapshots order by kind, snapshot_date",
            f"select snapshot_date, {models} from hub_raw.models order by snapshot_date, id",
            "select snapshot_date, reason, detail from hub_raw.rejects",
        ):
            found = database.execute(query)
            names = [column[0] for column in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
            assert rows
            assert project.rows(query) == rows
    # The same month again replaces itself.
    options = ["--target", "bigquery", "--kind", "models", "--since", "2026-07-01", "--force"]
    assert cli.main(["history", "--from", str(folder), *options]) == 0
    counted = (
        "select snapshot_date, count(*) as rows_of_it from hub_raw.models group by 1 order by 1"
    )
    assert project.rows(counted) == [
        {"snapshot_date": date(2026, 6, 5), "rows_of_it": 41},
        {"snapshot_date": date(2026, 7, 4), "rows_of_it": 40},
    ]
