"""dbt's manifest: the project as its last run built it."""

import json
import os
from pathlib import Path
from typing import Any

from reports.errors import ReportError

Manifest = dict[str, Any]

# The data test (tests/dbt/generic) that says what one row is and which values it has.
VALIDATION_TEST = "validation_rules"


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
    """Columns that tell a model's rows apart, by its validation rules; none where it has none.

    Args:
        nodes: those of the manifest, the tests among them.
        model: its id there.
    """
    return tuple(_rules(nodes, model).get("grain", ()))


def accepted_values(nodes: dict[str, dict[str, Any]], model: str) -> dict[str, tuple[str, ...]]:
    """Values that a model's columns can have, by column, where its validation rules list them."""
    listed = _rules(nodes, model).get("accepted_values", {})
    return {column: tuple(values) for column, values in listed.items()}


def _rules(nodes: dict[str, dict[str, Any]], model: str) -> dict[str, Any]:
    """The arguments of the one test that holds a model to its rules."""
    for test in nodes.values():
        of_test = test.get("test_metadata")
        if test.get("attached_node") == model and of_test and of_test["name"] == VALIDATION_TEST:
            rules: dict[str, Any] = of_test["kwargs"]
            return rules
    return {}


def damaged(path: Path) -> ReportError:
    """Error for a manifest that lacks what every manifest has."""
    return ReportError(f"{path} is damaged: 'dbt parse' writes it anew.")
