"""dbt on a copy of the database: the part that depends on a choice, and no more."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.sensitivity.choices import HEADLINES, SensitivityError, Settings
from tools.sensitivity.database import ROOT

_MARTS = sorted({headline.mart for headline in HEADLINES})


class Dbt:
    """dbt with a profile, a target and logs of its own in a folder.

    The user's profile could name another database than the copy.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        shutil.copyfile(ROOT / "profiles.example.yml", folder / "profiles.yml")

    def seed(self, database: Path, settings: Settings) -> dict[str, Any]:
        """Bring the seeds that the headlines rest on up to date; gives dbt's manifest.

        Raises:
            SensitivityError: dbt failed.
        """
        self._call("seed", database, settings, [f"+{mart}" for mart in _MARTS])
        path = self._folder / "target" / "manifest.json"
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return manifest

    def run(self, database: Path, settings: Settings, models: Sequence[str]) -> None:
        """Build models, and of what depends on them what the headlines need.

        Raises:
            SensitivityError: dbt failed.
        """
        selected = [f"{model}+,+{mart}" for model in models for mart in _MARTS]
        self._call("run", database, settings, selected)

    def _call(
        self, command: str, database: Path, settings: Settings, selected: Sequence[str]
    ) -> None:
        chosen = json.dumps(dict(settings))
        called = subprocess.run(
            [
                *(sys.executable, "-m", "dbt.cli.main", "--quiet", command, "--select", *selected),
                *("--vars", chosen, "--target", "duckdb", "--project-dir", str(ROOT)),
                *("--profiles-dir", str(self._folder)),
                *("--target-path", str(self._folder / "target")),
                *("--log-path", str(self._folder / "logs")),
            ],
            env=os.environ | {"HUB_DUCKDB_PATH": str(database)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if called.returncode != 0:
            raise SensitivityError(f"dbt {command} failed with {chosen}: {called.stdout[-800:]}")


def readers(manifest: Mapping[str, Any], settings: Iterable[str]) -> list[str]:
    """Names of the models that read one of the settings, themselves or by a macro.

    So no list of them can be wrong.

    Raises:
        SensitivityError: no model reads a setting, which then could move nothing.
    """
    found: set[str] = set()
    for name in settings:
        reads = re.compile(rf"""\bvar\(\s*["']{name}["']""")
        macros = _calling(
            manifest["macros"],
            {key for key, macro in manifest["macros"].items() if reads.search(macro["macro_sql"])},
        )
        models = {
            node["name"]
            for node in manifest["nodes"].values()
            if node["resource_type"] == "model"
            and (reads.search(node["raw_code"]) or macros & set(node["depends_on"]["macros"]))
        }
        if not models:
            raise SensitivityError(f"no model reads the setting {name}")
        found |= models
    return sorted(found)


def _calling(macros: Mapping[str, Any], called: set[str]) -> set[str]:
    """Some macros, and all that call one of them, by way of others too."""
    callers = {key for key, one in macros.items() if called & set(one["depends_on"]["macros"])}
    return called if callers <= called else _calling(macros, called | callers)
