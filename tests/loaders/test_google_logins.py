"""Every class of Google's credentials loads and builds on BigQuery, and sends what it should."""

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from loaders import google_cloud
from loaders.hub.fields import LISTINGS
from loaders.landing.landed_crawl import LandedCrawl
from loaders.warehouse import raw_schema
from loaders.warehouse.decoding import SnapshotDecoder
from loaders.warehouse.resources import listing_resources, table_resource
from tests.loaders.conftest import model, write_records
from tests.warehouse import builds
from tests.warehouse.bigquery import Project
from tests.warehouse.google_cloud import (
    BIGQUERY,
    GoogleCloud,
    credentials,
    lead_to,
    lead_to_metadata,
    refusal,
    served,
)

DAY = ("--snapshot-date", "2026-10-31")
# What BigQuery is shown in the end, by class.
LOGINS = {
    "person": "person",
    "key": "key",
    "federation": "federated",
    "federation as account": "federated as runner",
    "impersonation": "person as runner",
    "machine": "machine",
}


@pytest.fixture(scope="module")
def place(
    bigquery_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[GoogleCloud, int, Path]]:
    """Google Cloud with an emulated BigQuery, its port, and a folder with a Hub of two models."""
    folder = tmp_path_factory.mktemp("google")
    write_records(folder / "hub", models=[model(1), model(2)])
    write_records(folder / "hub with a reject", models=[model(1), model(1)])
    google = GoogleCloud(emulator=bigquery_url)
    with served(google, folder) as port:
        yield google, port, folder


def test_the_first_load_makes_its_tables_though_a_record_is_left_out(
    place: tuple[GoogleCloud, int, Path], data: Path, run, monkeypatch
):
    """Rejects once got the layout of models, by a column that they do not have."""
    google, _, folder = place
    project = Project(google.emulator, "with-a-reject")
    for name, value in project.environment().items():
        monkeypatch.setenv(name, value)
    hub = folder / "hub with a reject"
    code, said = run("load", "--hub", hub, *DAY, "--target", "bigquery")
    assert code == 0, said
    (reject,) = project.rows("select kind, reason from hub_raw.rejects")
    assert reject == {"kind": "models", "reason": "duplicate"}
    assert project.rows("select count(*) as n from hub_raw.models") == [{"n": 1}]


def test_a_quota_that_ends_in_the_middle_of_a_load_is_told_and_the_next_run_goes_on(
    place: tuple[GoogleCloud, int, Path], data: Path, run, tmp_path, monkeypatch
):
    google, port, folder = place
    google.token = None
    lead_to(monkeypatch, port, folder, project="out-of-quota")
    path = tmp_path / "credentials.json"
    path.write_text(json.dumps(credentials("person", tmp_path, google)))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    monkeypatch.setattr(google_cloud, "RETRY_SECONDS", 0.5)
    quota = refusal(403, "quotaExceeded", "Quota exceeded: imports per project")
    google.fault = lambda asked: quota if asked.path.startswith("/upload") else None
    load = ("load", "--hub", folder / "hub", *DAY, "--target", "bigquery")
    code, said = run(*load)
    google.fault = lambda asked: None
    error = said.strip().splitlines()[-1]
    assert code == 1, said
    assert error.startswith("error: BigQuery project out-of-quota"), said
    assert "A quota of the project is used up" in error
    code, said = run(*load)
    assert code == 0, said


@pytest.mark.parametrize("table", raw_schema.TABLES)
def test_raw_tables_are_laid_out_by_columns_that_they_have(tmp_path: Path, table: str):
    landed = LandedCrawl(str(tmp_path), "hub", "models", date(2026, 10, 31))
    decoder = SnapshotDecoder("models", landed.snapshot_date)
    resources = [table_resource(table, raw_schema.TABLES[table].empty_table())]
    if table in ("models", "rejects"):
        resources += listing_resources(landed, decoder, lambda records: None)
    described = [r.compute_table_schema() for r in resources if r.name == table]
    assert len(described) == (2 if len(resources) > 1 else 1)
    for hints in described:
        laid_out = {
            name
            for name, column in hints.get("columns", {}).items()
            if any("partition" in hint or "cluster" in hint for hint in column)
        }
        laid_out |= {c for c in hints.get("x-bigquery-cluster-columns", [])}
        laid_out |= {c for c in hints.get("x-bigquery-partition", {})}
        assert bool(laid_out) == (table in LISTINGS), hints
        assert laid_out <= set(raw_schema.TABLES[table].names)


@pytest.mark.parametrize("login", LOGINS)
def test_each_class_of_credentials_loads_and_builds(
    place: tuple[GoogleCloud, int, Path],
    login: str,
    data: Path,
    run,
    tmp_path,
    monkeypatch,
):
    # Seconds, for the one process that runs this, and not for all that collect it.
    from dbt.adapters.bigquery import credentials as dbt_credentials
    from dbt.cli.main import dbtRunner

    google, port, folder = place
    google.asked.clear()
    google.token = LOGINS[login]
    lead_to(monkeypatch, port, folder)
    if login == "machine":
        lead_to_metadata(monkeypatch, port)
    else:
        path = tmp_path / "credentials.json"
        path.write_text(json.dumps(credentials(login, tmp_path, google)))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))

    code, said = run("load", "--hub", folder / "hub", *DAY, "--target", "bigquery")
    assert code == 0, said
    loaded = Project(google.emulator, "hub").rows("select id from hub_raw.models order by id")
    assert [row["id"] for row in loaded] == ["org-1/model-1", "org-2/model-2"]

    # With the profile of production, whose method is the application default.
    shutil.copy(builds.ROOT / "profiles.example.yml", folder / "profiles.yml")
    dbt_credentials._create_bigquery_defaults.cache_clear()  # one login a process, but here
    built = dbtRunner().invoke(
        ["run", "--select", "stg_hub__snapshots", *builds.dbt_options("bigquery", folder)]
    )
    assert built.success, built.exception or [result.message for result in built.result]

    of_bigquery = [asked for asked in google.asked if asked.host == BIGQUERY]
    agents = {"dbt" if "dbt" in asked.headers["user-agent"] else "dlt" for asked in of_bigquery}
    assert agents == {"dbt", "dlt"}
    # Whoever sends one needs a right of its own on that project.
    assert not [asked for asked in of_bigquery if "x-goog-user-project" in asked.headers]
