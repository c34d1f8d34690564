"""``deploy/google_cloud.sh``, run whole with a recorder in place of Google's programs.

The recorder only writes down and answers; that each flag exists is held against ``flags.json``,
and what the statements and policies mean has tests of its own.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from loaders.warehouse.raw_schema import RAW_DATASET
from tests.deploy import ROOT, policies_of, project_schemas

HERE = Path(__file__).parent
SCRIPT = ROOT / "deploy" / "google_cloud.sh"
FLAGS = json.loads((HERE / "flags.json").read_text(encoding="utf-8"))
SETTINGS = {"PROJECT": "a-project", "EMAIL": "who@example.org", "GITHUB": "an-owner/a-repository"}

Call = list[str]


class Machine:
    """A machine on which nothing is deployed yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        tools = folder / "bin"
        tools.mkdir()
        recorder = (HERE / "recorder.py").read_text(encoding="utf-8")
        for tool in ("gcloud", "bq", "docker", "gh", "sleep"):
            # Without site-packages: the script makes some hundred calls.
            (tools / tool).write_text(f"#!{sys.executable} -IS\n{recorder}", encoding="utf-8")
            (tools / tool).chmod(0o755)

    def run(self, **settings: str) -> tuple[subprocess.CompletedProcess, list[Call]]:
        """Run the script; gives how it ended, and what it called."""
        recorded = self.folder / "recorded"
        recorded.write_text("")
        environment = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "RECORDED": str(recorded),
            "MADE": str(self.folder / "made"),
        }
        run = subprocess.run(
            ["bash", str(SCRIPT)],
            env=environment | settings,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return run, [json.loads(line) for line in recorded.read_text().splitlines()]

    def made(self) -> list[str]:
        """The resources that the script has made so far."""
        return (self.folder / "made").read_text().splitlines()


@dataclass(frozen=True)
class Deployments:
    """The calls of the script: first, again once the token had a value, and with a prefix."""

    first: list[Call]
    again: list[Call]
    prefixed: list[Call]
    made: list[frozenset[str]]  # after each of them


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Deployments:
    machine = Machine(tmp_path_factory.mktemp("deployed"))
    calls, made = [], []
    for more in ({}, {"TOKEN_VERSIONS": "1"}, {"HUB_SCHEMA_PREFIX": "dev_", "HUB": "sample"}):
        run, called = machine.run(**SETTINGS, **more)
        assert run.returncode == 0, run.stderr
        assert "ALREADY_EXISTS" not in run.stderr
        calls.append(called)
        made.append(frozenset(t for t in machine.made() if not t.startswith("a try")))
    return Deployments(*calls, made)


def with_words(calls: list[Call], *words: str) -> list[Call]:
    return [call for call in calls if all(word in call for word in words)]


def option(call: Call, name: str) -> str:
    (value,) = (part.partition("=")[2] for part in call if part.startswith(f"--{name}="))
    return value


def unknown_flags(call: Call) -> set[str]:
    """The flags of a call that its command does not have."""
    commands = FLAGS[call[0]]
    words = " ".join(part for part in call[1:] if part != "--headless")
    found = [name for name in commands if name and f" {name} " in f" {_without_flags(words)} "]
    if call[0] == "bq":
        found = [name for name in commands if name and all(w in call for w in name.split())]
    assert found, f"{' '.join(call)} is no command of flags.json"
    known = f"{commands['']} {commands[max(found, key=len)]}".split()
    given = {part.partition("=")[0] for part in call if part.startswith("--")}
    if call[0] == "bq":
        given -= set(max(found, key=len).split())
    return {flag for flag in given if flag.replace("--no-", "--") not in known}


def _without_flags(words: str) -> str:
    return " ".join(word for word in words.split(" ") if not word.startswith("--"))


def test_a_second_run_makes_nothing_again(deployed: Deployments):
    first, again, _ = deployed.made
    assert again == first
    # The jobs take the new image, and an alert its new text, with or without a change.
    assert len(with_words(deployed.again, "run", "jobs", "deploy")) == 3
    assert len(with_words(deployed.first, "monitoring", "policies", "create")) == 4
    assert len(with_words(deployed.again, "monitoring", "policies", "update")) == 4
    assert with_words(deployed.again, "update", "--transfer_config")
    for call in (*deployed.first, *deployed.again):
        assert not {"delete", "rm", "remove"} & set(call)


def test_every_flag_is_one_of_its_command(deployed: Deployments):
    for call in (*deployed.first, *deployed.again, *deployed.prefixed):
        if call[0] in FLAGS:
            assert not unknown_flags(call), call


def test_a_flag_that_does_not_exist_is_seen():
    call = ["gcloud", "secrets", "create", "name", "--replication-policy=automatic"]
    assert not unknown_flags(call)
    assert unknown_flags([*call, "--no-such-thing=1"]) == {"--no-such-thing"}
    call = ["bq", "mk", "--transfer_config"]
    assert unknown_flags([*call, "--no_such_thing"]) == {"--no_such_thing"}


def test_an_identity_that_is_new_is_waited_for(deployed: Deployments):
    granted = [call for call in deployed.first if any(p.startswith("--member=") for p in call)]
    by_service = {(call[1], option(call, "member")) for call in granted}
    in_bigquery = with_words(deployed.first, "bq", "query")
    # Each service refused it twice, and then knew it: so both waits were needed, everywhere.
    waits = [call for call in deployed.first if call[0] == "sleep"]
    assert waits == [["sleep", "2"], ["sleep", "5"]] * (len(by_service) + 2)
    assert len(by_service) == 6
    assert len(in_bigquery) == 3 * 2


def test_a_role_that_cannot_be_granted_ends_the_script(tmp_path: Path):
    run, calls = Machine(tmp_path).run(**SETTINGS, REFUSED="roles/run.invoker")
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1].startswith("error: this failed six times")
    assert "PERMISSION_DENIED" in run.stderr
    assert not with_words(calls, "scheduler")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"EMAIL": ""}, "error: EMAIL is not set"),
        ({"EMAIL": "nobody"}, "error: EMAIL is not set"),
        ({"PROJECT": ""}, "error: PROJECT is not set"),
        ({"HUB": "sample"}, "error: HUB is the sample: give it a HUB_SCHEMA_PREFIX"),
        ({"HUB_SCHEMA_PREFIX": "dev"}, "error: HUB_SCHEMA_PREFIX is dev"),
        ({"HUB_SCHEMA_PREFIX": "developer1_"}, "error: HUB_SCHEMA_PREFIX is developer1_"),
        ({"HUB_SCHEMA_PREFIX": "a;b_"}, "error: HUB_SCHEMA_PREFIX is a;b_"),
    ],
)
def test_nothing_is_made_with_a_setting_that_is_wrong(tmp_path: Path, settings, said):
    run, calls = Machine(tmp_path).run(**SETTINGS | settings)
    assert run.returncode == 1
    assert run.stderr.startswith(said)
    assert len(run.stderr.splitlines()) == 1
    assert not calls


def test_two_observatories_in_one_project_share_nothing(deployed: Deployments):
    first, _, both = deployed.made
    # But the address that is told, and the name of a provider in a pool of its own.
    shared = {"channel who@example.org", "iam workload-identity-pools providers github"}
    own = first - shared
    assert {thing.replace("dev-", "") for thing in both - first - shared} == own
    for call in deployed.prefixed:
        for part in call:
            named = part.replace('"project": "hub-observatory"', "")
            assert "hub-observatory" not in named.replace("dev-hub-observatory", ""), call
    (job, *_) = with_words(deployed.prefixed, "run", "jobs", "deploy")
    settings = option(job, "set-env-vars").split(",")
    assert {"HUB=sample", "HUB_SCHEMA_PREFIX=dev_"} <= set(settings)
    assert "HUB_LANDING=gs://a-project-dev-hub-observatory/landing" in settings


def test_each_job_runs_its_command_on_a_day_of_its_own(deployed: Deployments):
    calls = deployed.first
    jobs = {call[4]: option(call, "args") for call in with_words(calls, "run", "jobs", "deploy")}
    assert jobs == {
        "hub-observatory": "monthly",
        "hub-observatory-parameters": "parameters",
        "hub-observatory-details": "details",
    }
    clocks = with_words(calls, "scheduler", "create")
    assert {call[5] for call in clocks} == set(jobs)
    assert len({option(call, "schedule") for call in clocks}) == 3
    assert all(f"/jobs/{call[5]}:run" in option(call, "uri") for call in clocks)


def test_the_token_is_given_to_the_jobs_once_it_has_a_value(deployed: Deployments):
    mounted = "--set-secrets=HF_TOKEN=hub-observatory-hf-token:latest"
    assert not with_words(deployed.first, mounted)
    assert len(with_words(deployed.again, "deploy", mounted)) == 3


def test_every_dataset_that_a_run_writes_is_made_before(deployed: Deployments):
    statements = "\n".join(call[-1] for call in with_words(deployed.prefixed, "bq", "query"))
    made = set(re.findall(r"create schema if not exists `(\w+)`", statements))
    staging_of_dlt = f"{RAW_DATASET}_staging"
    assert made == {f"dev_{s}" for s in {RAW_DATASET, staging_of_dlt, *project_schemas()}}
    granted = re.findall(r"grant `roles/bigquery.dataEditor` on schema `(\w+)`", statements)
    assert set(granted) == made


def test_the_alerts_are_sent_whole(deployed: Deployments):
    sent = policies_of(deployed.first)
    assert len(sent) == 4
    for policy in sent:
        assert "__" not in json.dumps(policy)
        assert policy["notificationChannels"] == ["projects/p/notificationChannels/7"]
    filters = [json.dumps(policy["conditions"]) for policy in sent]
    assert sum("config_id" in text and "42a" in text for text in filters) == 1
    for calls, words in ((deployed.first, ["mk"]), (deployed.again, ["update", "bq"])):
        (call,) = with_words(calls, *words)
        assert "from `hub_raw`.snapshots" in json.loads(option(call, "params"))["query"]
        assert option(call, "schedule") == "every day 12:00"
