"""One list of commands: that of ``deploy/run.py``, in the image, the workflow and the documents."""

import json
import re
import shlex

import pytest
import yaml

from deploy import run
from tests.deploy import ROOT

SCRIPT = (ROOT / "deploy" / "google_cloud.sh").read_text(encoding="utf-8")
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "monthly.yml").read_text("utf-8"))
TRIGGERS = WORKFLOW[True]  # YAML 1.1 reads the key `on` as a truth
SETTINGS = run.Settings("https://hub.example", "bigquery", "data/runs", "", None)
GIVEN_TO_JOBS = sorted(
    {
        arguments
        for path in (ROOT / "docs").glob("*.md")
        for arguments in re.findall(r"--args=([\w,-]+)", path.read_text(encoding="utf-8"))
    }
)


def test_the_image_starts_a_monthly_run_and_takes_another_command():
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    entrypoint = json.loads(re.search(r"^ENTRYPOINT (.*)", dockerfile, re.MULTILINE)[1])
    assert entrypoint == ["/venv/bin/python", "deploy/run.py"]
    default = json.loads(re.search(r"^CMD (.*)", dockerfile, re.MULTILINE)[1])
    assert str(run.parse(default, SETTINGS)) == "monthly"


def test_the_workflow_offers_every_command():
    assert TRIGGERS["workflow_dispatch"]["inputs"]["command"]["options"] == list(run.LOADERS)


def test_a_command_has_the_same_day_on_both_sides():
    on_google = dict(re.findall(r'^job \S+ (\w+) "(.*)"$', SCRIPT, re.MULTILINE))
    chosen = WORKFLOW["jobs"]["run"]["env"]["COMMAND"]
    on_github = {
        command: cron for cron, command in re.findall(r"schedule == '([^']+)' && '(\w+)'", chosen)
    }
    (monthly,) = {s["cron"] for s in TRIGGERS["schedule"]} - set(on_github.values())
    assert on_github | {"monthly": monthly} == on_google
    assert len(set(on_google.values())) == 3


def test_two_runs_of_the_workflow_never_work_at_a_time():
    assert WORKFLOW["concurrency"]["group"] == "monthly"
    assert list(WORKFLOW["jobs"]) == ["run", "pages"]
    assert WORKFLOW["jobs"]["pages"]["needs"] == "run"


def test_nothing_that_reads_the_hub_may_write_to_the_repository():
    rights = {name: job["permissions"] for name, job in WORKFLOW["jobs"].items()}
    assert "write" not in [rights["run"][name] for name in ("contents", "actions")]
    assert rights["pages"] == {"contents": "write", "actions": "read", "pages": "write"}
    assert "inputs.hub != 'sample'" in WORKFLOW["jobs"]["pages"]["if"]


@pytest.mark.parametrize("arguments", GIVEN_TO_JOBS)
def test_what_the_documents_give_to_a_job_is_a_command(arguments):
    command = run.parse(arguments.split(","), SETTINGS)
    assert str(command) == shlex.join(arguments.split(","))
