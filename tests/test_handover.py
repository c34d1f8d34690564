"""The things handed over with the code: versions that agree, pins, and what the image takes in."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
LOCKS = sorted(ROOT.glob("requirements*.lock"))


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_a_change_of_method_is_told_in_the_changelog():
    told = re.findall(r"^\*\*Method (\S+)\.\*\*", text("CHANGELOG.md"), re.MULTILINE)
    assert told[0] == yaml.safe_load(text("dbt_project.yml"))["vars"]["method_version"]
    assert told == sorted(told, key=lambda v: [int(part) for part in v.split(".")], reverse=True)


def test_the_version_is_the_same_wherever_it_stands():
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    assert yaml.safe_load(text("dbt_project.yml"))["version"] == version
    assert yaml.safe_load(text("CITATION.cff"))["version"] == version
    assert re.search(r"^## (\d\S*)", text("CHANGELOG.md"), re.MULTILINE)[1] == version


def test_every_source_of_a_seed_with_a_licence_is_credited():
    seeds = yaml.safe_load(text("seeds/_seeds.yml"))["seeds"]
    credits = text("LICENSE-DATA.md")
    with_licence = {
        seed["name"]
        for seed in seeds
        if re.search(r"CC BY|MIT|Apache|LGPL|BSD", seed["description"])
    }
    assert not {name for name in with_licence if f"`{name}`" not in credits}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_action_can_change_under_its_name(path):
    used = re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_the_checks_of_a_fork_need_no_secret_and_no_right_to_write():
    workflow = text(".github/workflows/checks.yml")
    assert "secrets." not in workflow
    assert "pull_request_target" not in workflow
    assert yaml.safe_load(workflow)["permissions"] == {"contents": "read"}


def test_the_image_is_pinned_runs_as_nobody_and_takes_in_what_a_run_needs():
    dockerfile = text("Dockerfile")
    assert all("@sha256:" in line for line in re.findall(r"^FROM (.*)", dockerfile, re.MULTILINE))
    assert re.search(r"^USER 10001", dockerfile, re.MULTILINE)
    taken = [line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")]
    assert all((ROOT / path).exists() for path in taken)
    assert {"loaders", "macros", "models", "reports", "seeds", "simulator", "tests/dbt"} <= set(
        taken
    )
    assert {"LICENSE-DATA.md", "docs/methodology.md"} <= set(taken)  # which a report copies
    assert not {"tests", "tools"} & set(taken)
    compiled = re.search(r"compileall -q (.*?) &&", dockerfile)[1].split()
    assert {folder for folder in compiled if folder != "deploy"} <= set(taken)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_hashes_and_no_package_index(path):
    lock = path.read_text(encoding="utf-8")
    assert "://" not in lock
    assert "index-url" not in lock
    for requirement in re.split(r"\n(?=\w)", lock.strip()):
        if not requirement.startswith("#"):
            assert "--hash=sha256:" in requirement
