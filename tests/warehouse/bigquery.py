"""The emulated BigQuery as its users see it: a process, its URL, and how to reach it."""

import contextlib
import functools
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import yaml
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

LAUNCHER = Path(__file__).with_name("bigquery_emulator.py")
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Project:
    """A Google Cloud project of the emulator. Projects share nothing but the process."""

    url: str
    name: str

    def client(self) -> bigquery.Client:
        """Google's own client. Give every call ``retry=None``, or it repeats for minutes."""
        return bigquery.Client(
            self.name,
            credentials=AnonymousCredentials(),
            client_options=ClientOptions(api_endpoint=self.url),
        )

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query.

        Raises:
            google.api_core.exceptions.GoogleAPICallError: the query is wrong.
        """
        with contextlib.closing(self.client()) as client:
            answer = client.query_and_wait(
                sql, retry=None, job_retry=None, api_timeout=TIMEOUT_SECONDS
            )
            return [dict(row) for row in answer]

    def environment(self) -> dict[str, str]:
        """The variables by which Google's client, and so the loaders, find this project."""
        return {
            "BIGQUERY_EMULATOR_HOST": self.url,
            "GOOGLE_CLOUD_PROJECT": self.name,
            "GOOGLE_APPLICATION_CREDENTIALS": _login().name,
        }

    def write_dbt_profile(self, folder: Path, profile: str) -> None:
        """Write ``profiles.yml`` into a folder, its only target ``bigquery`` this project."""
        target = {
            "type": "bigquery",
            "method": "oauth-secrets",
            "token": "any",
            "project": self.name,
            "dataset": "unused",
            "api_endpoint": self.url,
            "threads": 2,
            # Against a server that is gone, the defaults wait for minutes.
            "job_retries": 0,
            "job_execution_timeout_seconds": TIMEOUT_SECONDS,
        }
        content = {profile: {"target": "bigquery", "outputs": {"bigquery": target}}}
        (folder / "profiles.yml").write_text(yaml.safe_dump(content))


@functools.cache
def _login() -> IO[str]:
    """A login of a person whose token lasts, so that nobody is asked for another."""
    file = tempfile.NamedTemporaryFile("w", suffix=".json")  # noqa: SIM115, as long as this process
    login = {"type": "authorized_user", "token": "any", "expiry": "2099-01-01T00:00:00Z"}
    json.dump(login | dict.fromkeys(("client_id", "client_secret", "refresh_token"), ""), file)
    file.flush()
    return file


@contextlib.contextmanager
def emulated_bigquery(log: Path) -> Iterator[str]:
    """The URL of an emulator in a process of its own, ended on exit.

    Args:
        log: the file that its errors are written to.

    Raises:
        RuntimeError: it did not start.
    """
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, str(LAUNCHER), "--until-stdin-closes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            lines = (line.strip() for line in process.stdout)
            url = next((line for line in lines if line.startswith("http")), None)
            if url is None:
                raise RuntimeError(f"the emulator did not start: {log.read_text()[-2000:]}")
            yield url
        finally:
            process.terminate()
