"""The dry run with Google's own client and dbt, against GoogleSQL behind BigQuery's API."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.warehouse.bigquery import Project
from tests.warehouse.googlesql import scalar_type, table_of
from tests.warehouse.googlesql_api import served
from tests.warehouse.googlesql_warehouse import Warehouse
from tools import dry_run

PROJECT = "test-dry-run"


@contextmanager
def asked(warehouse: Warehouse, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list]:
    """The arguments with which the command asks a warehouse."""
    with served(warehouse) as url:
        project = Project(url, PROJECT)
        project.write_dbt_profile(folder, "hub_observatory")
        for name, value in project.environment().items():
            monkeypatch.setenv(name, value)
        yield ["--profiles-dir", str(folder), "--target-path", str(folder / "target")]


def test_every_statement_is_planned_on_a_project_without_a_table_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    warehouse = Warehouse()
    with asked(warehouse, tmp_path, monkeypatch) as arguments:
        assert dry_run.main(arguments) == 0, capsys.readouterr().out
        *lines, total = capsys.readouterr().out.splitlines()
        assert {"average_model_parameters", "quantiles_interpolate_linearly"} <= {
            line.split()[-1] for line in lines
        }
        assert f"all {len(lines)} statements, 0 refused" in total
        assert warehouse.language.paths() == []


def test_bytes_are_summed_and_a_refusal_is_told_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    warehouse = Warehouse()
    table = table_of({"n": scalar_type("int64")}, [{"n": 1}, {"n": 2}])
    for name in ("a", "b"):
        warehouse.language.put_table((PROJECT, "d", name), table)
    bodies = {
        "good": "select n from `test-dry-run`.`d`.`a`",
        "bad": "select a.n from `test-dry-run`.`d`.`a` left join `test-dry-run`.`d`.`b`"
        " on a.n < b.n",
        "reader": "select n from `test-dry-run`.`d`.`good` where n > 0",
    }
    nodes = {
        name: {
            "name": name,
            "resource_type": "model",
            "relation_name": f"`{PROJECT}`.`d`.`{name}`",
            "compiled_code": sql,
            "depends_on": {"nodes": ["good"] if name == "reader" else []},
        }
        for name, sql in bodies.items()
    }
    monkeypatch.setattr(dry_run, "compiled", lambda *_: {"nodes": nodes, "sources": {}})
    with asked(warehouse, tmp_path, monkeypatch) as arguments:
        assert dry_run.main(arguments) == 1
    said = capsys.readouterr().out
    assert re.search(r"^ +16 bytes +0\.0001 USD  good$", said, re.M)
    assert re.search(r"bytes  LEFT OUTER JOIN cannot be used .*  bad$", said, re.M)
    assert re.search(r"^ +0 bytes +0\.0000 USD  reader$", said, re.M)
    assert re.search(r"^ +16 bytes .* all 3 statements, 1 refused", said, re.M)


def test_without_a_project_it_says_what_to_set_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    assert dry_run.main([]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: set GOOGLE_CLOUD_PROJECT")
    assert said.count("\n") == 1
