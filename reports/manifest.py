"""dbt's manifest: the project as its last run built it."""

import json
import os
from pathlib import Path
from typing import Any

from reports.errors import ReportError

Manifest = dict[str, Any]

# Tests of dbt that say what one row is.
GRAIN_TESTS = ("unique", "unique_combination_of_columns")


def manifest_path() -> Path:
    """Path of dbt's own description of the project, as its last run left it."""
    return Path(os.environ.get("DBT_TARGET_PATH", "target")) / "manifest.json"


def read_manifest() -> Manifest:
    """Read the manifest, whose nodes and exposures are keyed by their ids.

    Raises:
        ReportError: there is none, or it is damaged.
    """
    path = manifest_path()
    try:
        manifest: Manifest = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ReportError(
            f"There is no {path}, from which the data dictionary is made. 'dbt build' writes it; "
            "DBT_TARGET_PATH says where."
        ) from error
    except ValueError as error:  # of a run of dbt that was killed
        raise damaged(path) from error
    if not isinstance(manifest, dict) or not {"nodes", "exposures"} <= set(manifest):
        raise damaged(path)
    return manifest


def keys(nodes: dict[str, dict[str, Any]], model: str) -> tuple[str, ...]:
    """Columns that tell a model's rows apart, by the test of its grain; none where no test says it.

    Args:
        nodes: those of the manifest, the tests among them.
        model: its id there.
    """
    for test in nodes.values():
        if test.get("attached_node") != model or "test_metadata" not in test:
            continue
        if test["test_metadata"]["name"] in GRAIN_TESTS:
            arguments = test["test_metadata"]["kwargs"]
            return tuple(arguments.get("columns") or [arguments["column_name"]])
    return ()


def accepted_values(nodes: dict[str, dict[str, Any]], model: str) -> dict[str, tuple[str, ...]]:
    """Values that a model's columns can have, by column, where a test lists them."""
    return {
        test["test_metadata"]["kwargs"]["column_name"]: tuple(
            test["test_metadata"]["kwargs"]["values"]
        )
        for test in nodes.values()
        if test.get("attached_node") == model
        and test.get("test_metadata", {}).get("name") == "accepted_values"
    }


def damaged(path: Path) -> ReportError:
    """Error for a manifest that lacks what every manifest has."""
    return ReportError(f"{path} is damaged: 'dbt parse' writes it anew.")
