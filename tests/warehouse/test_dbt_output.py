"""The output of ``make build``: what a person needs of dbt's, and failures whole."""

import os
import re
import shutil
from pathlib import Path

import duckdb

from tests import forked
from tests.warehouse import builds

MODEL = "int_model_popularity"


def run(folder: Path, *arguments: str) -> forked.Ended:
    """Run dbt with the options of ``make build``, into a file."""
    makefile = (builds.ROOT / "Makefile").read_text(encoding="utf-8")
    brief = re.search(r"^DBT_BRIEF = (.*)$", makefile, re.MULTILINE)[1].split()
    kept_out = {"--quiet", "--no-use-colors"}
    options = [o for o in builds.dbt_options("duckdb", folder) if o not in kept_out]
    environment = {
        "HUB_DUCKDB_PATH": str(folder / "hub.duckdb"),
        "GOOGLE_CLOUD_PROJECT": "unused",
    }
    return forked.run(["dbt", *brief, *arguments, *options], os.environ | environment)


def test_a_table_of_an_older_version_is_told_with_its_reason_and_what_to_do(duckdb_build, tmp_path):
    shutil.copy(duckdb_build.database, tmp_path / "hub.duckdb")
    shutil.copy(builds.ROOT / "profiles.example.yml", tmp_path / "profiles.yml")
    with duckdb.connect(str(tmp_path / "hub.duckdb")) as connection:
        connection.execute(f"alter table intermediate.{MODEL} drop column likes")
    failed = run(tmp_path, "run", "--select", MODEL, "int_populations")
    assert failed.returncode == 1
    told = failed.output
    assert "likes" in told, "the reason"
    assert f"FAILED {MODEL}: " in told
    assert "dbt build --full-refresh" in told
    assert re.search(r"^error: dbt run on duckdb: \d+ s, 1 failed", told, re.MULTILINE)
    assert re.search(r"intermediate +1 built, 1 FAILED", told)
    assert "\x1b" not in told
    # What is left out is in dbt's own log.
    log = (tmp_path / "logs" / "dbt.log").read_text(encoding="utf-8")
    assert "int_populations" in log
    assert "\x1b" not in log
