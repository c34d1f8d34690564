"""A manifest of one relation, for commands that fail before they read it."""

import json
from dataclasses import fields
from datetime import date
from pathlib import Path

from reports.exposure import NAME, Limits


def write_small_manifest(folder: Path) -> None:
    """Write ``manifest.json`` with the page's exposure, its limits and one relation of it."""
    limits = {limit.name: "2026-01-01" if limit.type is date else 1 for limit in fields(Limits)}
    # No model, so that the dictionary looks for no schema of this observatory.
    relation = {"resource_type": "seed", "schema": "reporting", "alias": "newest_snapshots"}
    relation |= {"columns": {"kind": {}}}
    page = {"name": NAME, "config": {"meta": {"limits": limits}}}
    page |= {"depends_on": {"nodes": ["seed.newest_snapshots"]}}
    manifest = {"nodes": {"seed.newest_snapshots": relation}, "exposures": {NAME: page}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
