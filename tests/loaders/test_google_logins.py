"""Every class of Google's credentials loads and builds on BigQuery, and sends what it should."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from dbt.adapters.bigquery import credentials as dbt_credentials
from dbt.cli.main import dbtRunner

from tests.loaders.conftest import model, write_records
from tests.warehouse import builds
from tests.warehouse.bigquery import Project, emulated_bigquery
from tests.warehouse.google_cloud import (
    BIGQUERY,
    GoogleCloud,
    credentials,
    lead_to,
    lead_to_metadata,
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
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[GoogleCloud, int, Path]]:
    """Google Cloud with an emulated BigQuery, its port, and a folder with a Hub of two models."""
    folder = tmp_path_factory.mktemp("google")
    write_records(folder / "hub", models=[model(1), model(2)])
    with emulated_bigquery(folder / "errors.log") as url:
        google = GoogleCloud(emulator=url)
        with served(google, folder) as port:
            yield google, port, folder


@pytest.mark.parametrize("login", LOGINS)
def test_each_class_of_credentials_loads_and_builds(
    place: tuple[GoogleCloud, int, Path],
    login: str,
    data: Path,
    run,
    tmp_path,
    monkeypatch,
):
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
