"""Several observatories in one file, or in one project of Google Cloud: they never meet."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from loaders.warehouse import schemas
from loaders.warehouse.schemas import WrongPrefixError, schema, with_prefix
from reports import cli as reports_cli
from reports.warehouse import open_warehouse
from tests.loaders.conftest import dataset, model, write_records
from tests.reports.manifest import write_small_manifest
from tests.warehouse import builds

DAY = ("--snapshot-date", "2026-10-31")


@pytest.mark.parametrize("target", ["duckdb", "bigquery"])
def test_two_hubs_in_one_place_never_meet(
    run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request, target: str
):
    if target == "bigquery":
        project = request.getfixturevalue("project")
        project.write_dbt_profile(tmp_path, "hub_observatory")
        for name, value in project.environment().items():
            monkeypatch.setenv(name, value)
        # Where the emulator makes dbt's; BigQuery itself makes them where the query runs.
        monkeypatch.setenv("GOOGLE_CLOUD_LOCATION", "US")
    else:
        shutil.copy(builds.ROOT / "profiles.example.yml", tmp_path / "profiles.yml")
    hubs = {
        "": write_records(tmp_path / "true", models=[model(1), model(2)], datasets=[dataset(1)]),
        "sample_": write_records(tmp_path / "made-up", models=[model(3)], datasets=[dataset(2)]),
    }
    build = ["run", "--select", "+int_snapshots"]
    for prefix, hub in hubs.items():
        monkeypatch.setenv("HUB_SCHEMA_PREFIX", prefix)
        code, said = run("load", "--hub", hub, *DAY, "--target", target)
        assert code == 0, said
        assert f"rows in {prefix}hub_raw.models" in said
        builds.dbt(build, target, tmp_path, {})

    for prefix, hub in hubs.items():
        monkeypatch.setenv("HUB_SCHEMA_PREFIX", prefix)
        code, said = run("snapshots", "--target", target, "--kind", "models", "--json")
        assert (code, said.count('"source"'), str(hub) in said) == (0, 1, True), said
        with open_warehouse(target) as warehouse:
            assert "int_snapshots" in warehouse.tables("intermediate")
            (row,) = warehouse.read(
                "select records from staging.stg_hub__snapshots where kind = 'models'"
            ).to_pylist()
            assert row == {"records": 1 if prefix else 2}

    # One Hub in each, as ever.
    code, said = run("load", "--hub", hubs[""], *DAY, "--target", target)
    assert (code, "would mix two Hubs" in said, "HUB_SCHEMA_PREFIX" in said) == (1, True, True)


@pytest.mark.parametrize("prefix", ["", "dev_", "a1", "a_b_", "x" * 40])
def test_a_prefix_stands_before_every_schema(monkeypatch: pytest.MonkeyPatch, prefix: str):
    monkeypatch.setenv("HUB_SCHEMA_PREFIX", prefix)
    assert schema("marts") == f"{prefix}marts"
    assert (
        with_prefix("select marts.x from marts.y, lemarts.z, a.marts.b join intermediate.c")
        == f"select {prefix}marts.x from {prefix}marts.y, lemarts.z, a.marts.b "
        f"join {prefix}intermediate.c"
    )


# What dlt writes in another way than it was given, what needs quotes, and what is no name at all.
WRONG = ["Dev_", "a__b", "_a", "1a", "a-b", "a.b", "é", "a\n", " ", "x" * 41, "a`; drop"]


@pytest.mark.parametrize("prefix", WRONG)
def test_a_prefix_that_an_engine_would_not_take_is_refused(
    monkeypatch: pytest.MonkeyPatch, prefix: str
):
    monkeypatch.setenv("HUB_SCHEMA_PREFIX", prefix)
    with pytest.raises(WrongPrefixError, match="give lower-case letters"):
        schema("marts")


def test_each_command_refuses_a_wrong_prefix_in_one_line(
    run: Callable, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd
):
    hub = write_records(tmp_path / "hub", models=[model(1)])
    shutil.copy(builds.ROOT / "profiles.example.yml", tmp_path / "profiles.yml")
    monkeypatch.setenv("HUB_SCHEMA_PREFIX", "Dev-")
    told = "error: HUB_SCHEMA_PREFIX is 'Dev-': give lower-case letters"
    for command in (["load", "--hub", hub, *DAY], ["snapshots"]):
        code, said = run(*command)
        assert (code, said.strip().startswith(told), said.count("\n")) == (1, True, 1), said
    write_small_manifest(tmp_path)
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    assert reports_cli.main(["build", "--output", str(tmp_path / "report")]) == 1
    assert capfd.readouterr().err.startswith(told)
    from dbt.cli.main import dbtRunner  # seconds, for the one process that runs this

    built = dbtRunner().invoke(["parse", *builds.dbt_options("duckdb", tmp_path)])
    assert 'HUB_SCHEMA_PREFIX is "Dev-": give lower-case letters' in str(built.exception)


def test_dbt_takes_the_same_prefixes_as_the_loaders():
    macro = (builds.ROOT / "macros" / "generate_schema_name.sql").read_text()
    (pattern,) = re.findall(r"fullmatch\('([^']*)', prefix\)", macro)
    assert f"({pattern})?" == schemas._PREFIX.pattern
    assert f"length > {schemas._LONGEST} or" in macro
