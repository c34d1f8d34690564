"""Google's errors, each in one line that says what to do; with the real clients, over TLS."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loaders import google_cloud
from reports import cli as reports_cli
from tests.loaders.conftest import model, write_records
from tests.reports.manifest import write_small_manifest
from tests.warehouse.google_cloud import (
    BIGQUERY,
    Answer,
    Asked,
    GoogleCloud,
    credentials,
    lead_to,
    refusal,
    served,
)

DAY = ("--snapshot-date", "2026-10-31")
DENIED = "Access Denied: Project hub: User does not have bigquery.jobs.create permission"
DATASET_DENIED = (
    "Access Denied: Dataset hub:hub_raw: Permission bigquery.datasets.get denied on dataset "
    "hub:hub_raw (or it may not exist)."
)
# What BigQuery answers to everything, and what a person is told then.
FAULTS: dict[str, tuple[Answer, str]] = {
    "no right": (refusal(403, "accessDenied", DENIED), "grant the role bigquery.user"),
    "no right on a dataset": (
        refusal(403, "accessDenied", DATASET_DENIED),
        "bigquery.dataOwner on datasets that somebody else made",
    ),
    "no such login": (refusal(401, "authError", "Invalid Credentials"), "Log in again"),
    "API turned off": (
        refusal(403, "accessNotConfigured", "BigQuery API has not been used in project 1 before"),
        "gcloud services enable bigquery.googleapis.com",
    ),
    "no billing": (
        refusal(403, "billingNotEnabled", "Billing has not been enabled for this project"),
        "billing account",
    ),
    "quota": (refusal(403, "quotaExceeded", "Quota exceeded: too many"), "A quota of the project"),
    "rate limit": (
        refusal(403, "rateLimitExceeded", "Exceeded rate limits"),
        "A quota of the project",
    ),
    "too many requests": (refusal(429, "", "Too many requests"), "A quota of the project"),
    "no such project": (
        refusal(404, "notFound", "Not found: Project hub"),
        "Set GOOGLE_CLOUD_PROJECT to the id of a project that is there",
    ),
    "no such location": (
        refusal(400, "invalid", "Invalid storage region: Atlantis"),
        "Set GOOGLE_CLOUD_LOCATION",
    ),
    "a fault of Google's": (refusal(503, "backendError", "Try again"), "The fault is Google's"),
    "a page of a proxy": (Answer(502, {}), "The fault is Google's"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[GoogleCloud, int, Path]]:
    folder = tmp_path_factory.mktemp("google")
    write_records(folder / "hub", models=[model(1)])
    google = GoogleCloud()
    with served(google, folder) as port:
        yield google, port, folder


@pytest.fixture
def google(
    place: tuple[GoogleCloud, int, Path],
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[GoogleCloud]:
    """Log a person in, and wait for nothing."""
    google, port, folder = place
    lead_to(monkeypatch, port, folder)
    path = folder / "login.json"
    path.write_text(json.dumps(credentials("person", folder, google)))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    monkeypatch.setattr(google_cloud, "RETRY_SECONDS", 0.5)
    write_small_manifest(folder)
    monkeypatch.setenv("DBT_TARGET_PATH", str(folder))
    google.asked.clear()
    yield google
    google.fault = lambda asked: None


@pytest.fixture
def commands(
    run,
    place: tuple[GoogleCloud, int, Path],
    tmp_path: Path,
    capfd,
) -> dict[str, Callable[[], tuple[int, str]]]:
    """The commands that ask BigQuery; each gives its exit code, and what it printed."""

    def report() -> tuple[int, str]:
        logging.getLogger().handlers.clear()  # so that it logs to the stream of this test
        code = reports_cli.main(
            ["build", "--target", "bigquery", "--output", str(tmp_path / "report")]
        )
        captured = capfd.readouterr()
        return code, captured.out + captured.err

    return {
        "load": lambda: run("load", "--hub", place[2] / "hub", *DAY, "--target", "bigquery"),
        "snapshots": lambda: run("snapshots", "--target", "bigquery"),
        "report": report,
    }


COMMANDS = ("load", "snapshots", "report")


def assert_one_line(outcome: tuple[int, str], told: str) -> None:
    """It failed, in one line that says ``told``, and did not blame the disk."""
    code, said = outcome
    assert code == 1, said
    errors = [line for line in said.splitlines() if "error" in line.lower()]
    assert len(errors) == 1, said
    assert errors[0].startswith("error: "), said
    assert told in errors[0], said
    assert "Traceback" not in said
    assert not re.search("make room|another program", said), said


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_refusal_is_told_with_what_to_do(google, commands, command: str, fault: str):
    answer, told = FAULTS[fault]
    google.fault = lambda asked: answer if asked.host == BIGQUERY else None
    assert_one_line(commands[command](), told)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_expired_login_is_not_taken_for_a_full_disk(google, commands, command: str, place):
    path = place[2] / "login.json"
    path.write_text(path.read_text().replace('"good"', '"expired"'))
    assert_one_line(commands[command](), "Google does not accept the login: invalid_grant: Token")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_network_that_is_down_is_told_within_seconds(google, commands, command: str, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # where nothing listens
    assert_one_line(commands[command](), "Google cannot be reached")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_dataset_elsewhere_is_not_taken_for_an_empty_one(google, commands, command: str):
    """A query of a dataset in another location is answered with 404, as if there were none."""

    def fault(asked: Asked) -> Answer | None:
        if asked.host != BIGQUERY:
            return None
        if asked.method == "GET" and (name := asked.path.partition("/datasets/")[2]):
            reference = {"projectId": "hub", "datasetId": re.split(r"[/?]", name)[0]}
            return Answer(200, {"datasetReference": reference, "location": "US"})
        return refusal(404, "notFound", "Not found: Dataset hub:x was not found in location EU")

    google.fault = fault
    assert_one_line(commands[command](), "Set GOOGLE_CLOUD_LOCATION=US")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "was not found"), ("{", "not a valid json"), ('{"type": "x"}', "valid type")],
)
def test_a_damaged_file_of_credentials_is_named(
    google, commands, command: str, tmp_path, monkeypatch, content, told
):
    path = tmp_path / "damaged.json"
    if content:
        path.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    assert_one_line(commands[command](), told)
    assert not google.asked


@pytest.mark.parametrize("command", COMMANDS)
def test_a_federation_that_is_not_vouched_for_is_told(
    google, commands, command: str, tmp_path, monkeypatch
):
    path = tmp_path / "federation.json"
    path.write_text(json.dumps(credentials("federation", tmp_path, google)))
    (tmp_path / "subject-token").write_text("of somebody else")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    assert_one_line(commands[command](), "Google does not accept the login")
