"""dbt's documentation of every table, with its lineage, as one static file."""

import json
import re
import subprocess
import sys
from pathlib import Path

from reports.errors import ReportError
from reports.manifest import manifest_path

# Where the project lies, beside each seed.
_ROOT = re.compile(r'"root_path": "(?:[^"\\]|\\.)*"')


class DbtDocs:
    """A run of ``dbt docs generate`` in a process of its own, beside the drawing of charts.

    It describes dbt's last run, and asks the warehouse for its catalogue: on the embedded engine
    nobody else may have the database open meanwhile.
    """

    def __init__(self, target: str) -> None:
        self._process = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("dbt")),
                *("docs", "generate", "--static", "--no-compile", "--target", target),
                *("--quiet", "--no-use-colors"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> "DbtDocs":
        return self

    def __exit__(self, *error: object) -> None:
        """End it, where it was not waited for."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.communicate()

    def save(self, path: Path) -> None:
        """Wait for it and keep its page, without the paths of this machine.

        Raises:
            ReportError: dbt failed; the message holds what it said.
        """
        said, _ = self._process.communicate()
        if self._process.returncode != 0:
            raise ReportError(
                f"dbt could not write its documentation (--no-docs does without): {said.strip()}"
            )
        target = manifest_path().parent
        html = target.joinpath("static_index.html").read_text(encoding="utf-8")
        for folder in {target, target.absolute(), target.resolve()}:
            html = html.replace(f'"{json.dumps(str(folder))[1:-1]}/', '"target/')
        html = _ROOT.sub('"root_path": ""', html)
        path.write_text(html, encoding="utf-8")
