"""The dashboards and the page that the tables are for."""

import json
from typing import Any

import pytest

from tests.reports.conftest import Built
from tests.warehouse import builds

_TABLEAU = "https://public.tableau.com/app/profile/oecd.ai/viz"
_OECD_AI = "https://oecd.ai/en/data?selectedArea=ai-models-and-datasets&selectedVisualization="

# As the original names its outputs, with both addresses of each.
DASHBOARDS = {
    "Average number of parameters of new AI models": (
        f"{_TABLEAU}/HUGGINGFACE_N_PARAMS/Dashboard1",
        f"{_OECD_AI}evolution-of-number-of-parameters-from-hugging-face-models",
        "average_model_parameters",
    ),
    "Average training costs of new AI models": (
        f"{_TABLEAU}/HUGGINGFACE_TRAINING_COSTS/Dashboard1",
        f"{_OECD_AI}average-training-cost-of-new-ai-models-from-hugging-face",
        "average_training_costs",
    ),
    "Average training costs of training 1 million parameters": (
        f"{_TABLEAU}/HUGGINGFACE_TRAINING_COSTS/Dashboard1",
        f"{_OECD_AI}average-training-cost-of-new-ai-models-from-hugging-face",
        "training_cost_per_million_parameters",
    ),
    "Evolution of new AI models": (
        f"{_TABLEAU}/HUGGINGFACE_MODELS/Dashboard1",
        f"{_OECD_AI}evolution-of-new-ai-models",
        "new_models",
    ),
    "Evolution of new AI models per intended use": (
        f"{_TABLEAU}/HUGGINGFACE_INTENDED_USE_N_PARAMS/Sheet1",
        f"{_OECD_AI}evolution-of-new-ai-models-from-hugging-face-per-intended-use",
        "new_models_by_intended_use",
    ),
    "Open source datasets by language and application task": (
        f"{_TABLEAU}/OECDAI_HUGGINGFACE_APPLICATION_TASKS_MODELS/Dashboard1",
        f"{_OECD_AI}open-source-datasets-from-hugging-face-by-language-and-application-task",
        "datasets_by_language_and_task",
    ),
    "Percentage of open source datasets by language": (
        f"{_TABLEAU}/HF_LANGUAGES_PERCENTAGE/Dashboard1",
        f"{_OECD_AI}percentage-of-open-source-datasets-from-hugging-face-by-language",
        "dataset_share_by_language",
    ),
}


@pytest.fixture(scope="module")
def manifest(built: Built) -> dict[str, Any]:
    return json.loads((built.target / "manifest.json").read_text(encoding="utf-8"))


def test_the_seven_dashboards_stand_at_their_published_addresses(manifest):
    found = {
        exposure["label"]: (
            exposure["url"],
            exposure["config"]["meta"]["oecd_ai"],
            exposure["depends_on"]["nodes"][0].rsplit(".", 1)[-1],
        )
        for exposure in manifest["exposures"].values()
        if exposure["type"] == "dashboard"
    }
    assert found == DASHBOARDS


def test_every_published_table_has_its_readers_named(manifest):
    read = {
        node
        for exposure in manifest["exposures"].values()
        for node in exposure["depends_on"]["nodes"]
    }
    published = {
        node["unique_id"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["schema"] in ("marts", "trends", "ecosystem", "reporting")
    }
    assert published <= read


def test_each_dashboard_can_be_built_alone(built: Built, manifest, monkeypatch: pytest.MonkeyPatch):
    from dbt.cli.main import dbtRunner  # seconds, for the one process that runs this

    built.point_to(monkeypatch)
    options = builds.dbt_options("duckdb", built.target.parent)
    runner = dbtRunner(manifest=dbtRunner().invoke(["parse", *options]).result)
    for exposure in manifest["exposures"].values():
        listed = runner.invoke(
            [
                *("ls", "--select", f"+exposure:{exposure['name']}"),
                *("--output", "json", "--output-keys", "unique_id", "depends_on"),
                *options,
            ]
        )
        assert listed.success
        nodes = map(json.loads, listed.result)
        selected = {node["unique_id"]: node.get("depends_on", {}) for node in nodes}
        assert set(exposure["depends_on"]["nodes"]) < set(selected)
        assert any(name.startswith("test.") for name in selected)
        # Of a table that is not built, not even a test may ask; the sources are there.
        for name, parents in selected.items():
            built_before = {node for node in parents.get("nodes", []) if node[:7] != "source."}
            assert built_before <= set(selected), (exposure["name"], name)
