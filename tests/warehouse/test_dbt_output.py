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


def test_a_broken_rule_is_told_with_its_table_its_column_and_how_many_rows(duckdb_build, tmp_path):
    shutil.copy(duckdb_build.database, tmp_path / "hub.duckdb")
    shutil.copy(builds.ROOT / "profiles.example.yml", tmp_path / "profiles.yml")
    with duckdb.connect(str(tmp_path / "hub.duckdb")) as connection:
        connection.execute("use intermediate")
        keys = [key for (key,) in connection.sql("select model_key from int_models").fetchall()]
        for change, broken in (
            ("relation = 'cousin'", keys[:3]),
            ("size_band = null", keys[3:5]),
            ("active_parameters = 9, parameters = 5, parameter_use = 'counted'", keys[5:6]),
            (f"model_key = '{keys[7]}'", keys[6:7]),
            ("model_id = 'one/name'", keys[8:11]),
        ):
            connection.execute(f"update int_models set {change} where model_key in $1", [broken])
    failed = run(tmp_path, "test", "--select", "int_models,test_type:data", "int_languages")
    assert failed.returncode == 1
    told = re.findall(r"^FAILED rules_of_int_models: (\d.*)$", failed.output, re.MULTILINE)
    assert sorted(told) == [
        "1 time: int_models_no_part_is_larger_than_its_model does not hold",
        "1 time: rows repeat model_id",
        "1 time: rows repeat model_key",
        "2 times: size_band has no value",
        "3 times: relation has another value than adapter, quantized, merge, finetune, none",
    ]
    assert "Got 8 results" in failed.output
    assert "FAILED rules_of_int_languages" not in failed.output
