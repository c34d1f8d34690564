"""The synthetic Hub has the shapes of the real one, those included that break naive code."""

import re
from collections import Counter, defaultdict
from datetime import date
from statistics import quantiles
from typing import Any

import msgspec
import pytest

from loaders.warehouse.decoding import SnapshotDecoder
from simulator import (
    SAMPLE_DATE,
    SyntheticHub,
)
from tests.simulator.client import KINDS, listed


@pytest.fixture(scope="module")
def models() -> list[dict[str, Any]]:
    return listed(SyntheticHub(), "models")


@pytest.fixture(scope="module")
def datasets() -> list[dict[str, Any]]:
    return listed(SyntheticHub(), "datasets")


@pytest.mark.parametrize("kind", KINDS)
def test_a_loader_rejects_none_of_its_records(kind):
    records = listed(SyntheticHub(9_000, 9_000, seed=3), kind)
    decoder = SnapshotDecoder(kind, SAMPLE_DATE)
    for page in range(9):
        decoder.decode(page, msgspec.json.encode(records[1000 * page : 1000 * (page + 1)]))
    assert not decoder.rejects
    assert decoder.records == 9_000
    assert decoder.without_created_at > 0


def declared_relations(record: dict[str, Any]) -> set[str]:
    relations = set()
    for tag in record["tags"]:
        if tag.startswith("base_model:"):
            match = re.fullmatch("base_model:(?:(adapter|quantized|merge|finetune):)?(.+)", tag)
            if match[2] != record["id"]:
                relations.add(match[1] or "finetune")
    return relations


QUANTISED_NAME = "gguf|gptq|awq|exl2|exl3|mlx|bnb|nvfp4|mxfp4|fp8|int4|int8|[48]-?bit"
QUANTISED_TAGS = {"gguf", "gptq", "awq", "exl2", "exl3", "mlx"}
FINETUNED_TAGS = {
    *("generated_from_trainer", "generated_from_keras_callback", "trl", "sft", "dpo", "grpo"),
    *("unsloth", "llama-factory", "axolotl", "setfit"),
}


def relation(record: dict[str, Any]) -> str:
    declared = declared_relations(record)
    for candidate in ("adapter", "quantized", "merge", "finetune"):
        if candidate in declared:
            return candidate
    tags, name = set(record["tags"]), record["id"]
    if record.get("library_name") == "peft" or "lora" in tags:
        return "adapter"
    if re.search(QUANTISED_NAME, name) or (tags & QUANTISED_TAGS and "safetensors" not in tags):
        return "quantized"
    if tags & {"merge", "mergekit"}:
        return "merge"
    if tags & FINETUNED_TAGS or re.search("finetun|fine-tun", name):
        return "finetune"
    return "none"


def parameters(record: dict[str, Any]) -> int | None:
    safetensors = record.get("safetensors", {})
    count = sum(safetensors.get("parameters", {}).values()) or safetensors.get("total")
    if count is None:
        count = record.get("gguf", {}).get("total")
    return count if count is not None and 1e4 <= count <= 5e12 else None


def is_counted(record: dict[str, Any]) -> bool:
    if parameters(record) is None or relation(record) in ("adapter", "quantized"):
        return False
    if "safetensors" not in record:
        return True
    dtypes = record["safetensors"].get("parameters", {})
    packed = sum(dtypes.get(dtype, 0) for dtype in ("I32", "U32", "I8", "U8", "F4"))
    name = record["id"].split("/")[-1].lower()
    return packed <= 0.05 * sum(dtypes.values()) and not re.search(
        "[2-6]-?bit|int4|nf4|fp4|awq|gptq|exl2|exl3", name
    )


def test_no_headline_figure_of_the_sample_is_suppressed(models):
    new, with_cost = Counter(), Counter()
    for record in models:
        month = record.get("createdAt", "")[:7]
        if record.get("createdAt", "") < "2022-03-03":
            continue  # older than dates of creation
        if month < "2024" or relation(record) == "none":
            new[month] += 1
            with_cost[month] += is_counted(record) and parameters(record) >= 1e6
    assert len(new) == 56  # March 2022 to October 2026
    assert min(new) == "2022-03"
    assert max(new) == "2026-10"
    for month, models_of_month in new.items():
        assert with_cost[month] >= 40, month
        assert with_cost[month] / models_of_month >= 0.10, month


def share(records: list[Any], condition: Any) -> float:
    return sum(map(bool, map(condition, records))) / len(records)


def test_two_of_three_models_name_no_task(models):
    assert share(models, lambda r: "pipeline_tag" not in r) == pytest.approx(0.68, abs=0.02)


def test_tasks_have_the_shares_of_the_real_hub_and_removed_ones_end_when_removed(models):
    declared = [r for r in models if "pipeline_tag" in r]
    language = {
        *("text-generation", "text-classification", "token-classification", "fill-mask"),
        *("feature-extraction", "sentence-similarity", "question-answering", "translation"),
        *("summarization", "zero-shot-classification", "text2text-generation", "conversational"),
        *("table-question-answering", "multiple-choice", "text-ranking"),
    }
    assert share(declared, lambda r: r["pipeline_tag"] in language) == pytest.approx(0.64, abs=0.04)
    agents = ("reinforcement-learning", "robotics")
    assert share(declared, lambda r: r["pipeline_tag"] in agents) == pytest.approx(0.10, abs=0.02)
    last = defaultdict(str)
    for record in declared:
        task = record["pipeline_tag"]
        last[task] = max(last[task], record.get("createdAt", ""))
    assert "2023-12" < last["conversational"] < "2024-02"
    assert "2025-06" < last["text2text-generation"] < "2025-07"
    assert "synthetic-new-task" in last


def sample_of_a_large_hub(as_of: date, *, every: int) -> list[dict[str, Any]]:
    listing = SyntheticHub(models=3_150_000, datasets=0, as_of=as_of).open()["models"]
    return [listing.record(at) for at in range(0, len(listing), every)]


def test_sizes_have_the_quartiles_of_the_real_hub():
    records = sample_of_a_large_hub(date(2025, 10, 7), every=101)
    counts = [count for record in records if (count := parameters(record)) is not None]
    assert quantiles(counts, n=4) == pytest.approx([0.124e9, 0.765e9, 6.74e9], rel=0.25)


def test_a_large_hub_grows_like_the_real_one():
    records = sample_of_a_large_hub(SAMPLE_DATE, every=160)
    years = Counter(record.get("createdAt", "")[:4] for record in records)
    expected = {"2022": 100_596, "2023": 319_864, "2024": 745_112, "2025": 1_149_636}
    for year, models_of_year in expected.items():
        assert years[year] / len(records) == pytest.approx(models_of_year / 3.15e6, rel=0.03)


def test_parents_are_declared_from_2024_on_and_shown_otherwise_in_every_way(models):
    early = [r for r in models if r.get("createdAt", "9") < "2024"]
    late = [r for r in models if r.get("createdAt", "") >= "2024"]
    assert share(early, declared_relations) < 0.05
    assert 0.3 < share(late, declared_relations) < 0.6
    assert 0.3 < share(late, lambda r: relation(r) == "none") < 0.5
    shown = Counter((relation(r), bool(declared_relations(r))) for r in models)
    for kind in ("adapter", "quantized", "merge", "finetune"):
        assert shown[kind, True] > 20
        assert shown[kind, False] > 20
    itself = [r for r in models if f"base_model:{r['id']}" in r["tags"]]
    assert itself
    assert all(relation(r) == "none" for r in itself)


def test_parents_are_repositories_that_were_there(models):
    created = {r["id"]: r["_id"] for r in models}
    parents = [
        (record["_id"], tag.removeprefix("base_model:"))
        for record in models
        for tag in record["tags"]
        if re.fullmatch("base_model:[^:]+", tag)
    ]
    known = [(child, created[parent]) for child, parent in parents if parent in created]
    assert len(known) > 0.9 * len(parents)  # the others were removed
    # A few took up the name of a removed parent since.
    assert share(known, lambda pair: pair[1] <= pair[0]) > 0.98


def test_shapes_that_break_naive_code_are_there(models):
    def some(condition: Any) -> bool:
        return any(map(condition, models))

    safetensors = [r["safetensors"] for r in models if "safetensors" in r]
    assert any("total" not in s for s in safetensors)
    assert any("parameters" not in s for s in safetensors)
    assert any(s.get("total") == 333_312 < sum(s["parameters"].values()) for s in safetensors)
    dtypes = {dtype for s in safetensors for dtype in s.get("parameters", {})}
    assert dtypes >= {"F32", "F16", "BF16", "F8_E4M3", "I8", "U8", "I32", "U32", "F4", "I64"}
    assert some(lambda r: parameters(r) is None and "safetensors" in r)
    assert some(
        lambda r: is_counted(r) and "gguf" not in r and "parameters" not in r["safetensors"]
    )
    assert some(lambda r: "chat_template" in r.get("gguf", {}))
    assert {repr(r.get("gated")) for r in models} == {"None", "False", "True", "'auto'", "'manual'"}
    assert some(lambda r: r["trendingScore"] % 1)
    assert some(lambda r: "/" not in r["id"] and "author" not in r)
    assert some(lambda r: re.search("[0-9]x[0-9]b$", r["id"]))
    assert some(lambda r: not is_counted(r) and relation(r) == "none" and parameters(r))
    tags = {tag for r in models for tag in r["tags"]}
    for awkward in ("\U0001f916", '"', "'", "<script>", "=HYPERLINK(", "\u200f", "\\", "\t"):
        assert any(awkward in tag for tag in tags), awkward


def test_few_models_have_almost_all_downloads(models):
    downloads = sorted(record["downloads"] for record in models)
    assert share(models, lambda r: r["downloads"] <= 10) > 0.8
    assert sum(downloads[-len(downloads) // 100 :]) > 0.9 * sum(downloads)


def test_one_publisher_can_make_a_month(models):
    publishers = Counter(r.get("author") for r in models if r.get("createdAt", "")[:7] == "2024-06")
    publisher, uploads = publishers.most_common(1)[0]
    assert publisher == "synthetic-bulk-0002"
    assert uploads / publishers.total() > 0.25


def test_datasets_name_languages_in_the_ways_that_owners_do(datasets):
    languages = [
        [tag.removeprefix("language:") for tag in record["tags"] if tag.startswith("language:")]
        for record in datasets
    ]
    assert share(datasets, lambda r: "language:" in "".join(r["tags"])) == pytest.approx(
        0.2, abs=0.03
    )
    spellings = {code for codes in languages for code in codes}
    assert spellings >= {
        "en",
        "eng",
        "zh-CN",
        "fra",
        "fr",
        "code",
        "multilingual",
        "unknown",
        "xsy",
    }
    assert max(map(len, languages)) > 40

    few = Counter(code for codes in languages if len(codes) <= 5 for code in set(codes))
    assert few["fra"] > few["fr"]  # the duplicate that puts French second
    assert 8 < few["en"] / few["zh"] < 14
    families = Counter(tag.partition(":")[0] for record in datasets for tag in record["tags"])
    assert families.keys() >= {
        *("task_categories", "task_ids", "size_categories", "modality", "format", "library"),
        *("license", "arxiv", "multilinguality"),
    }


def test_no_name_is_a_real_one(models, datasets):
    publishers = {record["id"].split("/")[0] for record in models + datasets if "/" in record["id"]}
    assert all(re.fullmatch(r"synthetic-(org|bulk)-\d{4,}", name) for name in publishers)
