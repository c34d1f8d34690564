"""Helpers that the tests of the deployment share."""

import json
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILES = ROOT / "deploy" / "google_cloud"


def project_schemas() -> set[str]:
    """The schemas that dbt builds into."""
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    folders = [*project["models"]["hub_observatory"].values(), project["seeds"]["hub_observatory"]]
    return {folder["+schema"] for folder in folders if "+schema" in folder}


def policies_of(calls: list[list[str]]) -> list[dict[str, Any]]:
    """The alert policies that were created by recorded calls."""
    parts = [part for call in calls if "create" in call for part in call]
    return [json.loads(part[9:]) for part in parts if part.startswith("--policy={")]


def filled(path: Path, **names: str) -> str:
    """A file of the deployment with names in place, as the script fills it."""
    text = path.read_text(encoding="utf-8")
    for name, value in {"DATASET": "hub_raw", **names}.items():
        text = text.replace(f"__{name}__", value)
    return text
