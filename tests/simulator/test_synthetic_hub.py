"""The synthetic Hub: that it stays the same Hub, and that it has the shapes of the real one."""

import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

import msgspec
import pytest

from loaders.warehouse.decoding import SnapshotDecoder
from simulator import (
    SAMPLE_DATE,
    LocalHubError,
    SyntheticHub,
)

ROOT = Path(__file__).parents[2]
KINDS = ("models", "datasets")


def listed(hub: SyntheticHub, kind: str) -> list[dict[str, Any]]:
    """All records of a listing, ascending, as a client gets them."""
    listing = hub.open()[kind]
    records = [listing.record(at) for at in range(len(listing)) if listing.is_listed(at)]
    return msgspec.json.decode(msgspec.json.encode(records))


@pytest.fixture(scope="module")
def models() -> list[dict[str, Any]]:
    return listed(SyntheticHub(), "models")


@pytest.fixture(scope="module")
def datasets() -> list[dict[str, Any]]:
    return listed(SyntheticHub(), "datasets")


# The same Hub


DIGEST = """
import hashlib, msgspec
from simulator import SyntheticHub
digest = hashlib.sha256()
for listing in SyntheticHub(models=700, datasets=300, seed=5).open().values():
    for at in range(len(listing)):
        digest.update(msgspec.json.encode(listing.record(at)))
print(digest.hexdigest())
"""


def test_another_process_makes_the_same_records():
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_another_seed_makes_another_hub():
    one, other = (listed(SyntheticHub(models=100, datasets=0, seed=s), "models") for s in (1, 2))
    assert not {r["_id"] for r in one} & {r["_id"] for r in other}


@pytest.mark.parametrize("size", [0, 1, 14, 15, 16, 17, 1000])
def test_it_lists_as_many_as_asked_for(size):
    hub = SyntheticHub(models=size, datasets=size)
    assert [len(listed(hub, kind)) for kind in KINDS] == [size, size]


def test_a_large_hub_lists_as_many_as_asked_for_too():
    listing = SyntheticHub(models=3_000_000, datasets=0).open()["models"]
    # What is never listed on the sample date is one position in sixteen.
    assert sum(at % 16 != 15 for at in range(len(listing))) == 3_000_000


def test_a_hub_that_cannot_be_is_refused():
    for arguments in ({"models": -1}, {"datasets": -1}, {"seed": -1}):
        with pytest.raises(LocalHubError, match="negative"):
            SyntheticHub(**arguments)


@pytest.mark.parametrize("kind", KINDS)
def test_ids_ascend_with_time_and_are_unique(kind):
    records = listed(SyntheticHub(models=5000, datasets=5000), kind)
    ids = [record["_id"] for record in records]
    assert ids == sorted(set(ids))
    assert all(re.fullmatch("[0-9a-f]{24}", hub_id) for hub_id in ids)
    dates = [record["createdAt"] for record in records if "createdAt" in record]
    assert dates == sorted(dates)
    names = [record["id"] for record in records]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", KINDS)
def test_a_month_later_it_is_the_same_hub_grown_by_a_month(kind):
    later_date = SAMPLE_DATE + timedelta(days=31)
    now = {r["_id"]: r for r in listed(SyntheticHub(5000, 5000), kind)}
    later = {r["_id"]: r for r in listed(SyntheticHub(5000, 5000, as_of=later_date), kind)}
    kept = now.keys() & later.keys()
    assert 0.99 < len(kept) / len(now) < 1  # some are removed
    assert 1.02 < len(later) / len(now) < 1.04  # 40 % a year
    for hub_id in kept:
        before, after = now[hub_id], later[hub_id]
        for field in ("createdAt", "pipeline_tag", "library_name", "safetensors", "gguf"):
            assert before.get(field) == after.get(field)
        for field in ("likes", "downloadsAllTime", "lastModified"):
            assert before[field] <= after[field]
    for field in ("downloads", "likes", "downloadsAllTime", "lastModified"):
        assert any(now[hub_id][field] != later[hub_id][field] for hub_id in kept)
    new = [later[hub_id]["createdAt"] for hub_id in later.keys() - now.keys()]
    assert min(new) >= "2026-10-16T00:00:00.000Z"
    assert max(new) <= "2026-11-15T23:59:59.000Z"


def test_earlier_it_lists_what_is_removed_by_now_and_nothing_of_later():
    day = date(2024, 6, 30)
    then = {r["_id"]: r for r in listed(SyntheticHub(5000, 0, as_of=day), "models")}
    now = {r["_id"]: r for r in listed(SyntheticHub(5000, 0), "models")}
    assert 0.02 < len(then.keys() - now.keys()) / len(then) < 0.07
    end = "2024-06-30T23:59:59.000Z"
    assert max(r["createdAt"] for r in then.values() if "createdAt" in r) <= end
    assert max(r["lastModified"] for r in then.values()) <= end
    survivors = {r["_id"] for r in now.values() if r.get("createdAt", "9") <= end}
    assert survivors <= then.keys()
    assert listed(SyntheticHub(5000, 5000, as_of=date(2022, 3, 1)), "models") == []


@pytest.mark.parametrize("kind", KINDS)
def test_some_are_renamed_and_some_names_come_back_under_a_new_id(kind):
    years = [
        {r["_id"]: r["id"] for r in listed(SyntheticHub(6000, 6000, as_of=day), kind)}
        for day in (date(2025, 6, 1), date(2026, 6, 1), date(2027, 6, 1))
    ]
    ids_of_name, names_of_id = defaultdict(set), defaultdict(set)
    for names in years:
        assert len(set(names.values())) == len(names)
        for hub_id, name in names.items():
            ids_of_name[name].add(hub_id)
            names_of_id[hub_id].add(name)
    assert any(len(names) == 2 for names in names_of_id.values())
    assert any(len(ids) == 2 for ids in ids_of_name.values())


@pytest.mark.parametrize("kind", KINDS)
def test_every_listed_name_is_found_and_no_other(kind):
    for day in (SAMPLE_DATE, date(2027, 10, 1)):
        listing = SyntheticHub(2000, 2000, as_of=day).open()[kind]
        for position in range(len(listing)):
            found = listing.find(listing.name(position))
            if listing.is_listed(position):
                assert found == position
            else:  # its name may have been taken up again
                assert found is None or found > position
        assert listing.find("synthetic-org-0000/text-model-999999") is None
        assert listing.find("nobody/knows") is None
        assert listing.new_name("nobody/knows") is None


# The shapes of the real one


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
