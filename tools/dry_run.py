"""Dry-runs every statement of the models and data tests on BigQuery itself, which costs nothing.

    GOOGLE_CLOUD_PROJECT=… python -m tools.dry_run

BigQuery plans each statement and says what it would read, so that what no net here can see - its
planner as it is today, rights, locations - is seen on a project of yours. Nothing is made there.
A table that is not there yet stands in as an empty one of the same columns: a project without any
table is enough to have all plans checked, and one that holds a month gives the bytes of a month.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.api_core.exceptions import GoogleAPICallError, NotFound
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError
from google.cloud import bigquery

from loaders.warehouse import raw_schema
from tests.warehouse.builds import DBT, QUIET, ROOT
from tests.warehouse.googlesql import arrow_type_name

# On demand, EU and US; the first TiB of a month is free. https://cloud.google.com/bigquery/pricing
USD_PER_TIB = 6.25
LEAST_BILLED = 10 * 2**20  # bytes of a query that reads anything at all
TIMEOUT_SECONDS = 60
_NO_RETRY: Any = None  # as the client takes it; its types know no None


class DryRunError(Exception):
    """A problem that stops the command; its text is one line."""


@dataclass(frozen=True)
class Plan:
    """The answer of BigQuery about one statement.

    Attributes:
        name: dbt's name of the node.
        bytes: what it would read.
        refusal: why it would not run; None where it would.
    """

    name: str
    bytes: int
    refusal: str | None

    @property
    def usd(self) -> float:
        """The price of the bytes on demand."""
        return max(self.bytes, LEAST_BILLED) / 2**40 * USD_PER_TIB if self.bytes else 0.0


class DryRun:
    """The statements of one compiled project, planned in their order.

    Args:
        client: Google's client of the project.
        manifest: dbt's, with the compiled SQL in it.
    """

    def __init__(self, client: bigquery.Client, manifest: dict[str, Any]) -> None:
        self._client = client
        self._nodes = manifest["nodes"]
        self._sources = manifest["sources"]
        self._missing: dict[str, str] = {}  # an empty query for each table that is not there

    def plans(self) -> Iterator[Plan]:
        """Plan every model and data test; what a statement reads comes before it.

        Raises:
            GoogleAPICallError: BigQuery cannot be asked.
        """
        for source in self._sources.values():
            schema = raw_schema.TABLES[source["name"]]
            self._note(source, {f.name: arrow_type_name(f.type) for f in schema})
        for node in self._in_order():
            if node["resource_type"] == "seed":
                self._note(node, node["config"]["column_types"])
                continue
            plan, columns = self._plan(node)
            if node["resource_type"] == "model":
                self._note(node, columns)
            yield plan

    def _in_order(self) -> list[dict[str, Any]]:
        done: dict[str, dict[str, Any]] = {}

        def visit(key: str) -> None:
            if key in self._nodes and key not in done:
                for other in self._nodes[key].get("depends_on", {}).get("nodes", []):
                    visit(other)
                done[key] = self._nodes[key]

        for key in sorted(self._nodes):
            visit(key)
        return [n for n in done.values() if n["resource_type"] in ("seed", "model", "test")]

    def _note(self, node: dict[str, Any], columns: dict[str, str]) -> None:
        """Have a table that is not there stand in as a query without rows."""
        try:
            self._client.get_table(
                node["relation_name"].replace("`", ""),
                retry=_NO_RETRY,
                timeout=TIMEOUT_SECONDS,
            )
        except NotFound:
            nulls = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in columns.items())
            self._missing[node["relation_name"]] = f"(select {nulls or '1 as nothing'} limit 0)"

    def _plan(self, node: dict[str, Any]) -> tuple[Plan, dict[str, str]]:
        sql = node["compiled_code"]
        for relation, query in self._missing.items():
            sql = sql.replace(relation, query)
        config = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False)
        try:
            job = self._client.query(
                sql,
                job_config=config,
                retry=_NO_RETRY,
                job_retry=None,
                timeout=TIMEOUT_SECONDS,
            )
        except GoogleAPICallError as error:
            if error.code != 400:
                raise
            said = error.errors[0]["message"] if error.errors else error.message
            return Plan(node["name"], 0, " ".join(said.split())), {}
        columns = {column.name: _sql_type(column) for column in job.schema or ()}
        return Plan(node["name"], job.total_bytes_processed or 0, None), columns


def _sql_type(column: bigquery.SchemaField) -> str:
    """The name in SQL; the API has others for some types."""
    kind: Any = column.to_standard_sql().type  # each of its parts may be None, by its types
    if kind.type_kind is bigquery.StandardSqlTypeNames.ARRAY:
        return f"array<{kind.array_element_type.type_kind.name}>"
    return str(kind.type_kind.name)


def compiled(target: Path, profiles: Path, arguments: Sequence[str]) -> dict[str, Any]:
    """The manifest of the project, compiled for BigQuery.

    Raises:
        DryRunError: dbt cannot compile it.
    """
    command = [
        *(str(DBT), "--quiet", "--no-use-colors", "compile", "--target", "bigquery"),
        *("--project-dir", str(ROOT), "--profiles-dir", str(profiles)),
        *("--target-path", str(target), "--log-path", str(target), *arguments),
    ]
    run = subprocess.run(command, cwd=ROOT, env=os.environ | QUIET, capture_output=True, text=True)
    if run.returncode != 0:
        said = [line.strip() for line in run.stdout.splitlines() if line.strip()]
        raise DryRunError(f"dbt cannot compile the project: {' '.join(said[-3:]) or run.stderr}")
    manifest: dict[str, Any] = json.loads((target / "manifest.json").read_text())
    return manifest


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the plan of each statement and their sum; 1 where one is refused."""
    parser = argparse.ArgumentParser(prog="python -m tools.dry_run", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--profiles-dir", type=Path, default=ROOT, help="where profiles.yml is")
    parser.add_argument("--target-path", type=Path, default=ROOT / "target" / "dry_run")
    parser.add_argument(
        "--introspect",
        action="store_true",
        help="have dbt look up the snapshots that are there, so that partitions are pruned as in "
        "a build; the project must have been built before",
    )
    options = parser.parse_args(arguments)
    try:
        return _main(options)
    except DryRunError as error:
        print(f"error: {error}", file=sys.stderr)
    except (GoogleAPICallError, GoogleAuthError) as error:
        said = " ".join(str(error).split())
        print(f"error: BigQuery cannot be asked: {said[:300]}", file=sys.stderr)
    return 1


def _main(options: argparse.Namespace) -> int:
    project = os.environ.get("GOOGLE_CLOUD_PROJECT")
    if not project:
        raise DryRunError("set GOOGLE_CLOUD_PROJECT to the id of a project that may be asked.")
    is_emulated = bool(os.environ.get("BIGQUERY_EMULATOR_HOST"))
    client = bigquery.Client(
        project,
        location=os.environ.get("GOOGLE_CLOUD_LOCATION", "EU"),
        credentials=AnonymousCredentials() if is_emulated else None,  # type: ignore[no-untyped-call]
    )
    introspection = () if options.introspect else ("--no-introspect",)
    manifest = compiled(options.target_path, options.profiles_dir, introspection)
    plans = []
    for plan in DryRun(client, manifest).plans():
        plans.append(plan)
        told = plan.refusal or f"{plan.usd:10.4f} USD"
        print(f"{plan.bytes:>18,} bytes  {told}  {plan.name}", flush=True)
    refused = [plan for plan in plans if plan.refusal]
    print(
        f"{sum(plan.bytes for plan in plans):>18,} bytes  "
        f"{sum(plan.usd for plan in plans):10.4f} USD  all {len(plans)} statements, "
        f"{len(refused)} refused; {USD_PER_TIB} USD per TiB on demand"
    )
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
