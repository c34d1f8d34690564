"""The rules of the layers: that the project keeps them, and that a breach of each is noticed."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.warehouse.builds import Build
from tools import layers

MODEL = "model.hub_observatory."


@pytest.fixture
def manifest(duckdb_build: Build) -> dict[str, Any]:
    return json.loads((duckdb_build.target / "manifest.json").read_text(encoding="utf-8"))


def test_the_project_keeps_the_rules(manifest: dict[str, Any]):
    assert not [str(breach) for breach in layers.breaches(manifest)]


def test_no_column_goes_undescribed(manifest: dict[str, Any], duckdb_build: Build):
    described = {
        (model["schema"], model["alias"], column)
        for model in manifest["nodes"].values()
        if model["resource_type"] == "model"
        for column in model["columns"]
    }
    with duckdb.connect(str(duckdb_build.database), read_only=True) as connection:
        there = connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns"
            " where table_schema in"
            " ('staging', 'intermediate', 'marts', 'trends', 'ecosystem', 'reporting')"
        ).fetchall()
    assert sorted(set(there) ^ described) == []


def read(parent: str) -> Callable[[dict], None]:
    return lambda node: node["depends_on"]["nodes"].append(parent)


def put(**fields: Any) -> Callable[[dict], None]:
    return lambda node: node.update(fields)


def configure(**fields: Any) -> Callable[[dict], None]:
    return lambda node: node["config"].update(fields)


def quantity(column: str, **meta: Any) -> Callable[[dict], None]:
    """Change what a column says of its number; None takes it away."""

    def change(node: dict) -> None:
        config = node["columns"][column]["config"]
        merged = config["meta"] | meta
        config["meta"] = {key: value for key, value in merged.items() if value is not None}

    return change


@pytest.mark.parametrize(
    ("name", "rule", "break_it"),
    [
        ("new_models", "reads", read(MODEL + "stg_hub__models")),
        ("new_models", "reads", read(MODEL + "average_training_costs")),
        ("text_generation_weekly", "reads", read(MODEL + "new_models")),
        ("top_models", "reads", read(MODEL + "stg_hub__models")),
        ("top_models", "reads", read(MODEL + "top_publishers")),
        ("new_models", "reads", read(MODEL + "top_models")),
        ("top_models", "quantity", quantity("downloads", unit=None)),
        ("int_months", "reads", read("source.hub_observatory.hub.models")),
        ("int_months", "reads", read(MODEL + "new_models")),
        ("stg_hub__models", "reads", read(MODEL + "int_months")),
        ("stg_hub__models", "staging", read("source.hub_observatory.hub.datasets")),
        ("stg_hub__models", "staging", configure(materialized="table")),
        ("int_months", "name", put(name="months")),
        ("new_models", "name", put(name="int_new_models")),
        ("int_months", "described", put(description=" ")),
        ("int_months", "described", put(columns={"month": {"name": "month", "description": ""}})),
        ("int_months", "grain", put(description="Months. One row per month.")),
        ("new_models", "contract", configure(contract={"enforced": False})),
        ("new_models", "quantity", quantity("new_models", unit=None)),
        ("new_models", "quantity", quantity("new_models", unit="modles")),
        ("new_models", "quantity", quantity("new_models", unit="none")),
        ("new_models", "quantity", quantity("month", unit="models")),
        ("new_models", "quantity", quantity("new_models", aggregation=None)),
        ("new_models", "quantity", quantity("new_models", aggregation="median")),
        ("new_models", "quantity", quantity("month", aggregation="max")),
        ("new_models", "quantity", quantity("new_models", additive_over=None)),
        ("new_models", "quantity", quantity("publishers", additive_over=["month"])),
        ("new_models", "quantity", quantity("new_models", additive_over=["snapshot_date"])),
        ("text_generation_weekly", "quantity", quantity("new_models", unit=None)),
    ],
)
def test_a_breach_is_noticed(manifest, name, rule, break_it):
    node = manifest["nodes"][MODEL + name]
    break_it(node)
    assert (node["name"], rule) in {(b.name, b.rule) for b in layers.breaches(manifest)}


def test_a_mart_whose_grain_nobody_tests_is_noticed(manifest):
    manifest["nodes"] = {
        key: node
        for key, node in manifest["nodes"].items()
        if node.get("attached_node") != MODEL + "new_models"
    }
    assert [(b.name, b.rule) for b in layers.breaches(manifest)] == [("new_models", "contract")]


def test_a_dashboard_that_reads_an_unfinished_table_is_noticed(manifest):
    exposure = manifest["exposures"]["exposure.hub_observatory.evolution_of_new_ai_models"]
    exposure["depends_on"]["nodes"].append(MODEL + "int_models")
    assert [b.rule for b in layers.breaches(manifest)] == ["reads"]


def test_a_seed_without_a_source_is_noticed(manifest):
    manifest["nodes"]["seed.hub_observatory.chips"]["description"] = "One row per chip."
    assert [b.rule for b in layers.breaches(manifest)] == ["seed_source"]


def test_a_second_macro_in_a_file_is_noticed(manifest):
    macro = copy.deepcopy(manifest["macros"]["macro.hub_observatory.quantile"])
    manifest["macros"]["macro.hub_observatory.median"] = macro | {"name": "median"}
    assert [(b.name, b.rule) for b in layers.breaches(manifest)] == [("median", "macro")]


def test_a_text_that_is_copied_from_one_file_to_another_is_noticed(manifest):
    column = manifest["nodes"][MODEL + "int_months"]["columns"]["month"]
    other = manifest["nodes"][MODEL + "text_generation_weekly"]["columns"]["new_models"]
    column |= {"description": other["description"], "doc_blocks": []}
    assert [b.rule for b in layers.breaches(manifest)] == ["one_text"]


@pytest.mark.parametrize(
    ("exception", "problems"),
    [
        ({"grain": "It is a list of settings."}, []),
        ({"grain": " "}, ["excepted without a reason"]),
        ({"grain": "It is a list of settings.", "name": "As well."}, ["excepted, but not broken"]),
        ({"grain": "It is a list of settings.", "taste": "No."}, ["there is no such rule"]),
    ],
)
def test_an_exception_holds_with_its_reason_and_only_where_it_is_needed(
    manifest, exception, problems
):
    node = manifest["nodes"][MODEL + "int_months"]
    node["description"] = "Months."
    node["config"]["meta"] = {"exception": exception}
    assert [breach.problem for breach in layers.breaches(manifest)] == problems
    assert {(e.rule, e.problem) for e in layers.exceptions(manifest)} == set(exception.items())


def test_the_command_prints_what_it_finds(manifest, tmp_path, capsys):
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert layers.main([str(path)]) == 0
    manifest["nodes"][MODEL + "int_months"]["name"] = "months"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert layers.main([str(path)]) == 1
    assert "months [name]: in intermediate a name begins with int_" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, "{"], ids=["missing", "cut short"])
def test_a_manifest_that_cannot_be_read_is_told_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None
):
    path = tmp_path / "manifest.json"
    if content is not None:
        path.write_text(content)
    assert layers.main([str(path)]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"error: {path} cannot be read: ")
    assert said.endswith("Run dbt parse first.\n")
