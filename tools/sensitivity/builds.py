"""dbt on a copy of the database: the part that depends on a choice, and no more."""

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.dbt import Dbt
from tools.sensitivity.choices import HEADLINES, SensitivityError, Settings
from tools.sensitivity.database import ROOT

VARIABLE = "HUB_DUCKDB_PATH"
_MARTS = sorted({headline.mart for headline in HEADLINES})


class Builds:
    """Builds by a profile, a target and logs of their own in a folder.

    The user's profile could name another database than the copy.

    Args:
        folder: theirs.
        settings: the vars that the database was built with.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        shutil.copyfile(ROOT / "profiles.example.yml", folder / "profiles.yml")
        self._dbt = Dbt(folder, "duckdb", settings, folder)

    def manifest(self) -> dict[str, Any]:
        """Dbt's description of the project.

        Raises:
            DbtError: dbt failed.
        """
        return self._dbt.manifest()

    def seed(self, database: Path) -> None:
        """Bring the seeds that the headlines rest on up to date.

        Raises:
            DbtError: dbt failed.
        """
        with _named(database):
            self._dbt("seed", "--select", *(f"+{mart}" for mart in _MARTS))

    def run(self, database: Path, models: Sequence[str], change: Settings) -> None:
        """Build models, and of what depends on them what the headlines need, with changed vars.

        Raises:
            DbtError: dbt failed.
        """
        selected = [f"{model}+,+{mart}" for model in models for mart in _MARTS]
        with _named(database):
            self._dbt("run", "--select", *selected, **change)


@contextmanager
def _named(database: Path) -> Iterator[None]:
    """Have the profile name a database."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(database)
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


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
