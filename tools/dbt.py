"""dbt in this process: imported once, and the project parsed once for many commands."""

import io
import json
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner

ROOT = Path(__file__).parents[1]


class DbtError(Exception):
    """dbt failed; the message has the end of what it said."""


class Dbt:
    """dbt with a target and logs of its own in a folder.

    The reports read in the project's own target where the published tables are.

    Args:
        folder: where its target and logs are.
        target: the engine.
        settings: the vars that the project is parsed with, of which the names of schemas are made.
            The SQL follows those of each command, too.
        profiles: folder of the profile; None for the one where dbt itself looks for it.
    """

    def __init__(
        self,
        folder: Path,
        target: str,
        settings: Mapping[str, Any],
        profiles: Path | None = None,
    ) -> None:
        self._settings = dict(settings)
        self._options = [
            *("--target", target, "--project-dir", str(ROOT)),
            *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
            *(("--profiles-dir", str(profiles)) if profiles else ()),
        ]
        self._manifest_file = folder / "target" / "manifest.json"
        self._runner: dbtRunner | None = None

    def manifest(self) -> dict[str, Any]:
        """Dbt's description of the project.

        Raises:
            DbtError: it cannot be parsed.
        """
        self._parsed()
        manifest: dict[str, Any] = json.loads(self._manifest_file.read_text(encoding="utf-8"))
        return manifest

    def __call__(self, *command: str, **settings: Any) -> str:
        """Run a command with further vars; gives what it printed.

        Raises:
            DbtError: it failed.
        """
        _, said = self._invoke(self._parsed(), command, {**self._settings, **settings})
        return said

    def _parsed(self) -> "dbtRunner":
        from dbt.cli.main import dbtRunner  # seconds, which a wrong command line need not take

        if self._runner is None:
            manifest, _ = self._invoke(dbtRunner(), ("parse",), self._settings)
            self._runner = dbtRunner(manifest=manifest)
        return self._runner

    def _invoke(
        self, runner: "dbtRunner", command: tuple[str, ...], settings: Mapping[str, Any]
    ) -> tuple[Any, str]:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        said = io.StringIO()
        given = ["--quiet", "--no-use-colors", *command, "--vars", json.dumps(settings)]
        with redirect_stdout(said), redirect_stderr(said):
            ended = runner.invoke([*given, *self._options])
        # It would hold the file, which then nobody else may open.
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        if isinstance(ended.exception, KeyboardInterrupt):
            raise ended.exception
        if not ended.success:
            reason = (said.getvalue() + str(ended.exception or ""))[-800:]
            raise DbtError(f"dbt {' '.join(command)} failed with {json.dumps(settings)}: {reason}")
        return ended.result, said.getvalue()
