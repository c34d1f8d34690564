"""Cases small enough to work out by hand, so that the reference can itself be trusted.

The arithmetic stands beside each expected value. The seeds here have round figures of their
own: none of these results depends on a price or a fit of the project.
"""

# long: a list of worked cases, in the order of the methodology.

import math
import shutil
from datetime import date, datetime
from itertools import count
from pathlib import Path

import pytest

from tests.warehouse.reference import (
    MART_KEYS,
    Seeds,
    Snapshot,
    _is_moe,
    _models,
    _parameter_use,
    _parameters,
    _relation,
    compute_marts,
    differences,
)

PROJECT_SEEDS = Path(__file__).parents[2] / "seeds"
SEEDS = {
    "tasks": """task_id,task_name,category,category_name,sort_order
text-generation,Text Generation,nlp,NLP,1
text2text-generation,Text2Text Generation,nlp,NLP,2
image-classification,Image Classification,cv,CV,3
""",
    "task_aliases": "task_id,maps_to\nconversational,text-generation\n",
    "categories": """category,category_name
nlp,NLP
cv,CV
other,Other
not-declared,Not declared
""",
    "scopes": """scope,scope_name
all,All
nlp,NLP
cv,CV
other,Other
not-declared,Not declared
""",
    "languages": "language,language_name\nen,English\nno,Norwegian\nzh,Chinese\nhe,Hebrew\n",
    # As ISO 639 has it, Bokmål is a language of its own; the overrides join it to Norwegian.
    "language_normalisation": "raw_code,canonical_code\nnob,nb\nnor,no\neng,en\n",
    "non_languages": "language\ncode\nund\nmul\nmultilingual\nunknown\n",
    "training_cost_fits": """\
category,support_low,support_high,a,b,c,d,e,residual_low_dex,residual_high_dex
nlp,1e9,1e10,21,2,0.5,0,0,-1,1
cv,1e6,1e12,22,1,0,0,0,-1,1
multimodal,1e6,1e12,22,1,0,0,0,-1,1
default,1e6,1e12,20,1,0,0,0,-1,1
""",
    "reported_model_sizes": """model_id,total_parameters,active_parameters,is_mixture_of_experts
maker/sparse,120000000000,5000000000,true
maker/dense,7000000000,,
""",
    "mixture_of_experts_types": """model_type,always_moe
qwen3_moe,true
minimax,true
deepseek,false
""",
    # The mean of 2023 is 120.
    "producer_prices": "month,price_index\n"
    + "".join(f"2023-{month:02},{100 if month < 7 else 140}\n" for month in range(1, 13)).replace(
        ",", "-01,"
    )
    + "2024-01-01,150\n",
    "compute_prices": """year,usd_per_1e21_flop_low,usd_per_1e21_flop_central,usd_per_1e21_flop_high
2023,10,100,800
2024,5,25,100
""",
    "cloud_prices": """hardware,year,ondemand_min,ondemand_median,ondemand_max,cud3y_median
A,2020,1,2,4,
A,2022,3,5,7,0.5
""",
    "published_training_runs": """model_id,hardware,chip_hours,training_year,published_cost_usd
run/priced,A,1000,2023,999
run/tied,A,1000,2021,999
run/unpriced,B,1000,2023,999
run/unknown,B,1000,2023,
""",
    "licences": "licence_id,is_open\nmit,true\ncc-by-nc-4.0,false\n",
}

NEWEST = date(2024, 6, 10)
_ids = count()


@pytest.fixture
def seeds_dir(tmp_path: Path) -> Path:
    """The project's seeds, but those above in place of its own."""
    for path in PROJECT_SEEDS.glob("*.csv"):
        shutil.copy(path, tmp_path)
    for name, text in SEEDS.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def record(name: str | None = None, created: str | None = "2024-03-15", **fields) -> dict:
    """A listing record; ``created`` is a day, or an instant, or None for no ``createdAt``."""
    number = next(_ids)
    result = {"_id": f"{number:024x}", "id": name or f"someone/model-{number}"} | fields
    if created is not None:
        result["createdAt"] = created if "T" in created else f"{created}T12:00:00.000Z"
    return result


def weights(parameters: int, dtype: str = "BF16") -> dict:
    return {"parameters": {dtype: parameters}, "total": parameters}


def sized(sizes: list[int], **fields) -> list[dict]:
    return [record(safetensors=weights(n), **fields) for n in sizes]


def models(*records: dict, snapshot_date: date = NEWEST) -> Snapshot:
    return Snapshot("models", snapshot_date, records)


def row(rows: list[dict], **key) -> dict:
    (found,) = (r for r in rows if all(r[column] == value for column, value in key.items()))
    return found


def only_cell(marts: dict, mart: str) -> dict:
    return row(marts[mart], scope="all", population="all")


# --- identity, months, flows --------------------------------------------------------------------


def test_a_name_that_comes_back_under_a_new_id_is_not_a_second_model(seeds_dir):
    first = record("a/x", created="2024-01-05", pipeline_tag="text-generation")
    again = record("a/x", created="2024-03-05", pipeline_tag="image-classification")
    marts = compute_marts([models(again), models(first, snapshot_date=date(2024, 2, 1))], seeds_dir)
    (new,) = (r for r in marts["new_models"] if r["population"] == "all")
    assert (new["month"], new["new_models"]) == (date(2024, 3, 1), 1)
    assert (new["listed_models"], new["cumulative_models"]) == (1, 1)
    assert row(marts["new_models_by_intended_use"], category="cv")["new_models"] == 1


def test_a_renamed_model_does_not_swallow_the_next_bearer_of_its_old_name(seeds_dir):
    original = record("a/x", created="2024-01-05")
    renamed = original | {"id": "a/y"}
    stranger = record("a/x", created="2024-01-09")
    marts = compute_marts(
        [models(original, snapshot_date=date(2024, 2, 1)), models(stranger, renamed)], seeds_dir
    )
    assert row(marts["new_models"], population="all")["new_models"] == 2


def test_a_deleted_model_stays_in_its_month_and_counts_as_removed(seeds_dir):
    gone, kept = record(created="2024-01-05"), record(created="2024-01-06")
    snapshots = [models(gone, kept, snapshot_date=date(2024, 2, 1)), models(kept)]
    new = row(compute_marts(snapshots, seeds_dir)["new_models"], population="all")
    assert (new["new_models"], new["listed_models"], new["removed_models"]) == (2, 1, 1)
    # On 1 February it had not been deleted yet, and January had just ended.
    then = compute_marts(snapshots, seeds_dir, as_of=date(2024, 2, 1))["new_models"]
    before = row(then, population="all")
    assert (before["removed_models"], before["snapshot_date"]) == (0, date(2024, 2, 1))
    assert before["is_complete_month"]


def test_a_private_repository_is_no_model(seeds_dir):
    marts = compute_marts([models(record(private=True), record(private=False))], seeds_dir)
    assert row(marts["new_models"], population="all")["new_models"] == 1


def test_censored_models_are_in_the_stock_and_in_no_month(seeds_dir):
    marts = compute_marts(
        [
            models(
                record(created=None),
                record(created="2022-03-02T23:59:59.999Z"),
                record(created="2022-03-03T00:00:00.000Z"),
            )
        ],
        seeds_dir,
    )
    new = row(marts["new_models"], population="all")
    assert (new["month"], new["new_models"], new["cumulative_models"]) == (date(2022, 3, 1), 1, 3)


def test_every_month_between_the_first_and_the_last_has_its_rows(seeds_dir):
    marts = compute_marts(
        [models(record(created="2023-11-30"), record(created="2024-02-01", tags=["lora"]))],
        seeds_dir,
    )
    months = [date(2023, 11, 1), date(2023, 12, 1), date(2024, 1, 1), date(2024, 2, 1)]
    for population, counts in {
        "all": [1, 0, 0, 1],
        "no_known_parent": [1, 0, 0, 0],
        "derived": [0, 0, 0, 1],
    }.items():
        rows = [r for r in marts["new_models"] if r["population"] == population]
        assert [r["month"] for r in rows] == months
        assert [r["new_models"] for r in rows] == counts
    assert {r["month"]: r["is_relation_reliable"] for r in marts["new_models"]} == dict(
        zip(months, [False, False, True, True], strict=True)
    )
    quiet = row(marts["new_models_by_intended_use"], month=date(2023, 12, 1))
    assert (quiet["task"], quiet["new_models"], quiet["share_of_all"]) == ("not-declared", 0, None)


def test_a_running_month_is_never_compared_with_a_whole_one(seeds_dir):
    records = [record(created=day) for day in ("2023-05-01", "2023-05-31", "2023-06-01")]
    records += [record(created=day) for day in ("2024-05-01", "2024-05-02", "2024-05-03")]
    records += [record(created="2024-06-01")]
    new = compute_marts([models(*records)], seeds_dir)["new_models"]
    may = row(new, month=date(2024, 5, 1), population="all")
    june = row(new, month=date(2024, 6, 1), population="all")
    # 3 models after 2 a year before: +50%.
    assert (may["new_models_year_before"], may["year_over_year_change"]) == (2, 0.5)
    assert (june["new_models_year_before"], june["year_over_year_change"]) == (1, None)
    assert (may["is_complete_month"], june["is_complete_month"]) == (True, False)
    # Nothing to divide by in an empty month, and nothing is known before the first one.
    empty = row(new, month=date(2024, 5, 1), population="derived")
    assert (empty["new_models_year_before"], empty["year_over_year_change"]) == (0, None)
    assert row(new, month=date(2023, 5, 1), population="all")["new_models_year_before"] is None


def test_a_tie_for_the_top_publisher_breaks_alphabetically(seeds_dir):
    names = ["zoe/a", "zoe/b", "amy/a", "amy/b", "legacy", "eve/a"]
    records = [record(name) for name in names] + [record("old/a", author="eve2")]
    new = row(compute_marts([models(*records)], seeds_dir)["new_models"], population="all")
    # zoe, amy, eve, eve2; a name without a slash has no publisher, but is a model: 2 of 7.
    assert (new["publishers"], new["top_publisher"], new["top_publisher_share"]) == (
        4,
        "amy",
        2 / 7,
    )


def test_shares_of_declared_leave_the_undeclared_out(seeds_dir):
    tags = ["conversational", "text-generation", "text2text-generation", "brand-new-task", None]
    records = [record(pipeline_tag=tag) if tag else record() for tag in tags]
    rows = compute_marts([models(*records)], seeds_dir)["new_models_by_intended_use"]
    by_task = {r["task"]: r for r in rows}
    # Two of the four declared models are text-generation; five models in all.
    assert by_task["text-generation"]["share_of_declared"] == 2 / 4
    assert by_task["text-generation"]["share_of_all"] == 2 / 5
    assert by_task["text2text-generation"]["category"] == "nlp"
    assert by_task["brand-new-task"]["category"] == "other"
    assert by_task["brand-new-task"]["task_name"] == "brand-new-task"
    assert by_task["not-declared"]["share_of_declared"] is None
    assert by_task["not-declared"]["share_of_all"] == 1 / 5


# --- what a model is ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relation", "name", "tags", "library"),
    [
        ("none", "a/x", [], None),
        ("finetune", "a/x", ["base_model:b/y"], None),
        ("none", "a/x", ["base_model:a/x", "base_model:quantized:a/x"], None),
        ("quantized", "a/x", ["base_model:b/y", "base_model:quantized:b/y", "lora"], None),
        ("adapter", "a/x", ["base_model:merge:b/y", "base_model:adapter:b/y"], None),
        ("merge", "a/x", ["base_model:finetune:b/y", "base_model:merge:b/z"], None),
        # What is declared comes before all that could be inferred.
        ("finetune", "a/x-gguf", ["base_model:finetune:b/y", "lora"], "peft"),
        ("adapter", "a/x-gguf", [], "peft"),
        ("adapter", "a/x", ["lora"], None),
        ("adapter", "a/x", ["LoRA"], None),  # in upper or lower case
        ("quantized", "a/x-8bit", ["merge"], None),
        # Names are compared as the Hub gives them.
        ("quantized", "a/x-GGUF", [], None),  # in upper or lower case
        ("quantized", "a/x", ["gguf"], None),
        ("none", "a/x", ["gguf", "safetensors"], None),
        ("quantized", "a/x", ["mlx", "safetensors"], None),
        ("quantized", "a/x", ["safetensors"], "MLX"),
        ("none", "a/x", ["4-bit", "8-bit", "bitsandbytes", "compressed-tensors"], None),
        ("merge", "a/x", ["mergekit", "trl"], None),
        ("finetune", "a/x", ["trl"], None),
        ("finetune", "a/x-finetuned", [], None),
        ("finetune", "a/x-fine-tune", [], None),
    ],
)
def test_relations_are_looked_for_in_their_order(relation, name, tags, library):
    fields = {"library_name": library} if library else {}
    assert _relation(record(name, tags=tags, **fields)) == relation


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        # The map comes first, even where the total beside it says something else.
        (
            (7_000_000, "safetensors"),
            {"safetensors": {"parameters": {"BF16": 7_000_000}, "total": 3}},
        ),
        (
            (20_000, "safetensors_total"),
            {"safetensors": {"parameters": {"F32": 0}, "total": 20_000}},
        ),
        (
            (20_000, "safetensors_total"),
            {"safetensors": {"total": 20_000}, "gguf": {"total": 10_000}},
        ),
        ((10_000, "gguf"), {"safetensors": {}, "gguf": {"total": 10_000}}),
        ((5 * 10**12, "gguf"), {"gguf": {"total": 5 * 10**12}}),
        ((None, "out_of_range"), {"gguf": {"total": 5 * 10**12 + 1}}),
        # Never overwritten by another source, not even when it is out of range.
        ((None, "out_of_range"), {"safetensors": weights(9_999), "gguf": {"total": 10_000}}),
        ((None, None), {}),
        # What the maker reports comes before all that is counted in files.
        ((7 * 10**9, "reported"), {"name": "maker/dense", "gguf": {"total": 10_000}}),
    ],
)
def test_parameters_come_from_the_first_source_that_has_any(seeds_dir, expected, fields):
    assert _parameters(record(**fields), {}, Seeds(seeds_dir)) == expected


def test_a_header_is_the_last_source(seeds_dir):
    bare, full = record(), record(gguf={"total": 10_000})
    headers = {bare["_id"]: 30_000, full["_id"]: 30_000}
    assert _parameters(bare, headers, Seeds(seeds_dir)) == (30_000, "header")
    assert _parameters(full, headers, Seeds(seeds_dir)) == (10_000, "gguf")


@pytest.mark.parametrize(
    ("use", "name", "by_dtype", "tags"),
    [
        ("counted", "a/x", {"BF16": 950_000, "I32": 50_000}, []),  # 5% is not over 5%
        ("packed", "a/x", {"BF16": 949_999, "I32": 50_001}, []),
        ("packed", "a/x", {"BF16": 900_000, "U8": 40_000, "F4": 40_000}, []),  # 8% together
        ("counted", "a/x", {"F8_E4M3": 1_000_000, "I64": 1_000_000}, []),
        ("packed", "a/X-3Bit", {"BF16": 1_000_000}, []),  # here a name is lowered
        ("counted", "nf4/x", {"BF16": 1_000_000}, []),  # and the publisher does not count
        ("adapter", "a/x-4bit", {"I32": 1_000_000}, ["lora"]),
        ("quantized", "a/x-4bit", {"I32": 1_000_000}, []),
        ("packed", "a/x-3bit", {"BF16": 1_000_000}, []),
        ("counted", "a/x-16bit", {"BF16": 1_000_000}, []),
        # A reported size and the model of a published run are never packed.
        ("counted", "maker/dense", {"I32": 1_000_000}, []),
        ("counted", "run/priced", {"I32": 1_000_000}, []),
        ("adapter", "maker/dense", {"I32": 1_000_000}, ["lora"]),
    ],
)
def test_an_n_enters_an_average_only_where_it_is_counted(seeds_dir, use, name, by_dtype, tags):
    seeds = Seeds(seeds_dir)
    listed = record(name, tags=tags, safetensors={"parameters": by_dtype})
    n, source = _parameters(listed, {}, seeds)
    assert _parameter_use(listed, n, source, _relation(listed), seeds) == use


def test_a_gguf_count_is_never_packed(seeds_dir):
    listed = record("a/x-3bit", gguf={"total": 10**9})
    use = _parameter_use(listed, 10**9, "gguf", _relation(listed), Seeds(seeds_dir))
    assert use == "counted"


@pytest.mark.parametrize(
    ("is_moe", "name", "tags"),
    [
        (True, "a/x", ["Qwen3_MoE"]),
        (True, "a/x", ["MoE"]),
        (True, "a/x", ["mixture-of-experts"]),
        (True, "a/x-30B-A3B", []),
        (True, "a/x_8x7B.v1", []),
        (True, "a/Llama-4-Scout", ["llama4"]),
        (True, "maker/sparse", []),
        (False, "a/x", ["base_model:mistralai/mixtral-8x7b"]),  # part of a tag
        (False, "a/x", ["llama4"]),
        (False, "a/x", ["minimax"]),
        (False, "8x7b/x", []),
        (False, "a/x-7b", []),
        (False, "a/data3b", []),
        (False, "a/x-8x7bits", []),
    ],
)
def test_mixtures_of_experts_are_told_by_report_tag_or_name(seeds_dir, is_moe, name, tags):
    assert _is_moe(record(name, tags=tags), Seeds(seeds_dir)) is is_moe


def test_what_works_at_a_time_is_the_first_that_is_known(seeds_dir):
    def of(name: str, n: int, *tags: str) -> dict:
        return record(name, safetensors=weights(n), tags=list(tags))

    records = [
        of("maker/sparse", 117 * 10**9),
        of("a/dense-a1b-lookalike", 3 * 10**9, "base_model:b/unseen"),
        of("a/plain", 5 * 10**9),
        of("a/x-30b-a3b", 30 * 10**9),
        of("a/same-size", 30 * 10**9, "moe"),
        of("a/child", 31 * 10**9, "base_model:merge:a/x-30b-a3b"),
        of("a/torn", 32 * 10**9, "base_model:a/x-30b-a3b", "base_model:a/plain"),
        of("a/too-small", 10**9, "base_model:a/x-30b-a3b"),
    ]
    found = _models([models(*records)], Seeds(seeds_dir), {})
    assert {m.record["id"]: m.active_parameters for m in found} == {
        "maker/sparse": 5e9,
        "a/dense-a1b-lookalike": 1e9,  # its name makes it a mixture
        "a/plain": 5e9,
        "a/x-30b-a3b": 3e9,
        "a/same-size": 3e9,
        "a/child": 3e9,
        "a/torn": None,  # its parents disagree
        "a/too-small": None,  # its parent's 3e9 are more than all of it
    }
    repeated = {m.record["id"] for m in found if m.is_repeated_size}
    assert repeated == {"a/same-size"}


# --- statistics ---------------------------------------------------------------------------------


def test_quantiles_interpolate_and_the_winsorised_mean_is_clipped(seeds_dir):
    # 31 values, in millions: 1, 2, …, 30 and 131. Ranks from 0 to 30.
    records = sized([n * 10**6 for n in [*range(1, 31), 131]])
    cell = only_cell(compute_marts([models(*records)], seeds_dir), "average_model_parameters")
    assert cell["mean_parameters"] == pytest.approx(596e6 / 31)  # 465 + 131
    assert cell["p10_parameters"] == 4e6  # rank 3
    assert cell["p25_parameters"] == 8.5e6  # rank 7.5, between 8 and 9
    assert cell["median_parameters"] == 16e6  # rank 15
    assert cell["p75_parameters"] == 23.5e6  # rank 22.5
    assert cell["p90_parameters"] == 28e6  # rank 27
    # 1st percentile: rank 0.3, 1 + 0.3·1 = 1.3. 99th: rank 29.7, 30 + 0.7·101 = 100.7.
    # So 1 becomes 1.3 and 131 becomes 100.7: 596 + 0.3 - 30.3 = 566.
    assert cell["winsorised_mean_parameters"] == pytest.approx(566e6 / 31)


def test_intervals_count_publishers_and_not_repositories(seeds_dir):
    # Half 10^5, half 10^7: the mean of the decimal logarithms is 6, each is 1 away from it. By 30
    # publishers: 30/29 x 30, so that the standard error is sqrt(30/29 x 30) / 30 = 1/sqrt(29).
    sizes = [10**5, 10**7] * 15
    apart = [record(f"by-{i}/x", safetensors=weights(n)) for i, n in enumerate(sizes)]
    cell = only_cell(compute_marts([models(*apart)], seeds_dir), "average_model_parameters")
    assert cell["publishers"] == 30
    assert cell["geometric_mean_parameters"] == pytest.approx(1e6)
    assert cell["geometric_mean_ci_low"] == pytest.approx(10 ** (6 - 1.96 / math.sqrt(29)))
    assert cell["geometric_mean_ci_high"] == pytest.approx(10 ** (6 + 1.96 / math.sqrt(29)))
    # The median's share is 1/2, each value 1/2 away: h = 1.96/2/sqrt(29) = 0.182, and the ranks
    # 0.318 x 29 = 9.2 and 0.682 x 29 = 19.8 lie among the small and the large ones.
    assert (cell["median_parameters_ci_low"], cell["median_parameters_ci_high"]) == (1e5, 1e7)
    assert cell["is_low_reliability"] is True  # a factor of 100 is more than 4
    # All by one publisher: no interval.
    together = only_cell(
        compute_marts([models(*sized(sizes))], seeds_dir), "average_model_parameters"
    )
    assert (together["publishers"], together["geometric_mean_ci_low"]) == (1, None)
    assert together["is_low_reliability"] is True


def test_models_that_repeat_a_size_are_told_apart(seeds_dir):
    sizes = [n * 10**6 for n in range(1, 31)]
    first = [record(f"by-{n}/x", safetensors=weights(n), created="2024-03-01") for n in sizes]
    copies = [record(f"by-{n}/y", safetensors=weights(n), created="2024-03-02") for n in sizes[:10]]
    cell = only_cell(
        compute_marts([models(*first, *copies)], seeds_dir), "average_model_parameters"
    )
    assert (cell["models_with_parameters"], cell["models_first_of_size"]) == (40, 30)
    assert cell["share_repeated_size"] == 0.25
    assert cell["median_parameters_first_of_size"] == 15.5e6
    assert cell["mean_parameters_first_of_size"] == 15.5e6
    assert cell["observation_status"] == "A"


@pytest.mark.parametrize(
    ("counted", "unknown", "is_suppressed"),
    [(30, 0, False), (29, 0, True), (30, 270, False), (30, 271, True)],  # 30/300 is 0.10
)
def test_a_row_with_few_values_or_little_coverage_is_suppressed(
    seeds_dir, counted, unknown, is_suppressed
):
    records = sized([10**9] * counted) + [record() for _ in range(unknown)]
    marts = compute_marts([models(*records)], seeds_dir)
    sizes = only_cell(marts, "average_model_parameters")
    costs = only_cell(marts, "average_training_costs")
    per_million = only_cell(marts, "training_cost_per_million_parameters")
    for cell, statistic in [
        (sizes, "median_parameters"),
        (sizes, "share_repeated_size"),
        (sizes, "geometric_mean_parameters"),
        (costs, "mean_cost_usd_low"),
        (costs, "share_moe"),
        (per_million, "cost_per_million_usd_central"),
        (per_million, "median_cost_per_million_usd_high"),
    ]:
        assert cell["is_suppressed"] is is_suppressed
        assert (cell[statistic] is None) is is_suppressed
        assert (cell["observation_status"] == "Q") is is_suppressed
        reason = None if not is_suppressed else "too_few" if counted < 30 else "low_coverage"
        assert cell["suppression_reason"] == reason
    assert sizes["coverage"] == counted / (counted + unknown)
    assert per_million["constant_recipe_usd_central"] is not None


def test_the_raw_mean_answers_to_its_own_number_of_values(seeds_dir):
    records = sized([10**6] * 29) + sized([31 * 10**6], tags=["lora"])
    cell = only_cell(compute_marts([models(*records)], seeds_dir), "average_model_parameters")
    assert (cell["models_with_parameters"], cell["is_suppressed"]) == (29, True)
    assert cell["raw_mean_parameters"] == 2e6  # (29 + 31) / 30
    fewer = only_cell(compute_marts([models(*records[1:])], seeds_dir), "average_model_parameters")
    assert fewer["raw_mean_parameters"] is None


# --- costs --------------------------------------------------------------------------------------


def test_a_cost_follows_the_fit_and_the_price_of_its_month(seeds_dir):
    # January 2023, before mid 2023: the first prices, 10, 100 and 800 USD for 1e21 FLOP.
    # t - 2022 = 1 + 0.5/12. Language models of 1e10: dex = 21 + 2·log10(10) + 0.5·(t - 2022).
    records = sized([10**10] * 30, created="2023-01-31", pipeline_tag="text-generation")
    marts = compute_marts([models(*records)], seeds_dir)
    flop = 10 ** (2 + 0.5 * (1 + 0.5 / 12))  # in units of 1e21
    cell = only_cell(marts, "average_training_costs")
    for statistic in ("mean", "median", "geometric_mean"):
        assert cell[f"{statistic}_cost_usd_central"] == pytest.approx(flop * 100)
        assert cell[f"{statistic}_cost_usd_low"] == pytest.approx(flop / 10 * 10)  # -1 dex
        assert cell[f"{statistic}_cost_usd_high"] == pytest.approx(flop * 10 * 800)  # +1 dex
    # The index of January 2023 is 100, the mean of that year 120.
    assert cell["usd_2023_per_usd"] == pytest.approx(120 / 100)
    # 1e10 parameters are 10,000 million.
    per_million = only_cell(marts, "training_cost_per_million_parameters")
    assert per_million["cost_per_million_usd_central"] == pytest.approx(flop * 100 / 1e4)


def test_the_price_of_compute_moves_every_month_and_not_each_january(seeds_dir):
    months = ["2023-01-01", "2023-12-01", "2024-01-01", "2024-12-01"]
    marts = compute_marts(
        [models(*(record(created=m) for m in months), snapshot_date=date(2025, 1, 1))], seeds_dir
    )
    central = {
        r["month"].isoformat(): r["constant_recipe_usd_central"]
        for r in marts["training_cost_per_million_parameters"]
        if (r["scope"], r["population"]) == ("all", "all")
    }
    # 6·20·1e9·1e6 = 1.2e17 FLOP: 1.2e-4 of the price, which falls from 100 at mid 2023
    # to 25 at mid 2024. Mid December is 5.5 months into that year, mid January 6.5.
    assert central["2023-01-01"] == pytest.approx(1.2e-4 * 100)
    assert central["2023-12-01"] == pytest.approx(1.2e-4 * 100 * 0.25 ** (5.5 / 12))
    assert central["2024-01-01"] == pytest.approx(1.2e-4 * 100 * 0.25 ** (6.5 / 12))
    assert central["2024-12-01"] == pytest.approx(1.2e-4 * 25)


def test_the_fit_is_not_carried_beyond_its_last_data_point(seeds_dir):
    def cell(day: str) -> dict:
        records = sized([10**9] * 30, created=day, pipeline_tag="text-generation")
        marts = compute_marts([models(*records, snapshot_date=date(2026, 1, 1))], seeds_dir)
        return only_cell(marts, "average_training_costs")

    may, june = cell("2025-05-31"), cell("2025-06-01")
    assert (may["is_extrapolated"], june["is_extrapolated"]) == (False, True)
    # May: t = 2025 + 4.5/12 = 2025.375. June would be 2025.458 and stays at 2025.4.
    assert may["median_cost_usd_central"] == pytest.approx(25 * 10 ** (0.5 * 3.375))
    assert june["median_cost_usd_central"] == pytest.approx(25 * 10 ** (0.5 * 3.4))


@pytest.mark.parametrize(
    ("name", "low", "central", "high", "is_published"),
    [
        # Nearest year with a price is 2022; its 3-year price is under its lowest on demand.
        ("run/priced", 500, 5000, 7000, True),
        # 2020 and 2022 are equally near: the earlier, which has no 3-year price.
        ("run/tied", 1000, 2000, 4000, True),
        ("run/unpriced", 999, 999, 999, True),  # no price for chip B: the published sum
        # Nor a published sum: the estimate, 10^20 FLOP at 25 USD, ± 1 dex, at 5 and 100.
        ("run/unknown", 0.05, 2.5, 100, False),
    ],
)
def test_a_published_run_comes_before_the_estimate(
    seeds_dir, name, low, central, high, is_published
):
    # 30 others of 1e9 without a task, at the estimate just given: the default fit and the
    # prices from mid 2024 on.
    known = record(name, created="2024-12-01", safetensors=weights(10**9))
    others = sized([10**9] * 30, created="2024-12-01")
    marts = compute_marts([models(known, *others, snapshot_date=date(2025, 1, 1))], seeds_dir)
    cell = only_cell(marts, "average_training_costs")
    assert cell["mean_cost_usd_low"] == pytest.approx((low + 30 * 0.05) / 31)
    assert cell["mean_cost_usd_central"] == pytest.approx((central + 30 * 2.5) / 31)
    assert cell["mean_cost_usd_high"] == pytest.approx((high + 30 * 100) / 31)
    assert cell["share_published"] == (1 / 31 if is_published else 0)
    # Ratio of sums over 31·1,000 million parameters; the median does not see the one run.
    per_million = only_cell(marts, "training_cost_per_million_parameters")
    ratio = per_million["cost_per_million_usd_central"]
    assert ratio == pytest.approx((central + 75) / 31_000)
    assert per_million["median_cost_per_million_usd_central"] == pytest.approx(0.0025)


def test_a_model_under_a_million_parameters_has_a_size_but_no_cost(seeds_dir):
    marts = compute_marts([models(*sized([999_999, 1_000_000]))], seeds_dir)
    assert only_cell(marts, "average_model_parameters")["models_with_parameters"] == 2
    assert only_cell(marts, "average_training_costs")["models_with_cost"] == 1


def test_a_size_that_the_fit_has_not_seen_enters_medians_alone(seeds_dir):
    # Language models from 1e9 to 1e10 are inside. 20 of 1e8 cost what 1e9 does, in the median.
    language = {"pipeline_tag": "text-generation", "created": "2023-01-31"}
    records = sized([10**10] * 30, **language) + sized([10**8] * 40, **language)
    cell = only_cell(compute_marts([models(*records)], seeds_dir), "average_training_costs")
    flop = 10 ** (0.5 * (1 + 0.5 / 12))  # of 1e9, in units of 1e21
    assert (cell["models_with_cost"], cell["models_outside_support"]) == (70, 40)
    assert cell["median_cost_usd_central"] == pytest.approx(flop * 100)
    assert cell["mean_cost_usd_central"] == pytest.approx(100 * flop * 100)


def test_a_mixture_of_which_nobody_knows_what_works_at_a_time_has_no_cost(seeds_dir):
    records = sized([10**9] * 30) + sized([10**9 + 1], tags=["moe"])
    cell = only_cell(compute_marts([models(*records)], seeds_dir), "average_training_costs")
    assert (cell["models_with_cost"], cell["models_active_unknown"]) == (30, 1)
    assert cell["share_moe"] == 1 / 31


@pytest.mark.parametrize(
    ("counters", "ever_downloaded"),
    [([0] * 4 + [5] * 6, 6), ([0] * 3 + [5] * 6 + [None], 6), ([5] * 8 + [None] * 2, None)],
)
def test_models_ever_downloaded_need_the_counter_of_most(seeds_dir, counters, ever_downloaded):
    records = [record(**({} if n is None else {"downloadsAllTime": n})) for n in counters]
    new = row(compute_marts([models(*records)], seeds_dir)["new_models"], population="all")
    assert new["models_ever_downloaded"] == ever_downloaded


# --- datasets -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("nob", "no"),  # ISO 639 says nb, and nb is joined to no
        ("nb", "no"),
        ("nor", "no"),
        ("EN-us", "en"),
        ("zh_Hant", "zh"),
        ("iw", "he"),
        ("in", "id"),
        ("jp", "ja"),
        ("tlh", "tlh"),
    ],
)
def test_one_language_has_one_code(seeds_dir, tag, language):
    assert Seeds(seeds_dir).language(tag) == language


def test_fractional_counts_add_up_to_the_datasets(seeds_dir):  # long: one table of datasets
    tags = [
        [
            *("language:nob", "language:no", "language:en", "license:mit"),
            *("task_categories:conversational", "task_categories:image-classification"),
        ],
        ["language:en", "language:code", "license:cc-by-nc-4.0"],
        ["language:code", "task_categories:text-generation"],
        ["language:xx"],
        [],
    ]
    listing = Snapshot("datasets", NEWEST, [record(tags=t) for t in tags])
    marts = compute_marts([listing], seeds_dir)
    cells = {
        (r["language"], r["task"]): (r["datasets"], r["datasets_fractional"])
        for r in marts["datasets_by_language_and_task"]
    }
    assert cells == {
        # Two languages, once Bokmål is Norwegian, by two tasks.
        ("no", "text-generation"): (1, 0.25),
        ("no", "image-classification"): (1, 0.25),
        ("en", "text-generation"): (1, 0.25),
        ("en", "image-classification"): (1, 0.25),
        ("en", "not-declared"): (1, 1),
        ("special", "text-generation"): (1, 1),
        ("xx", "not-declared"): (1, 1),
        ("not-declared", "not-declared"): (1, 1),
    }
    english = row(marts["datasets_by_language_and_task"], language="en", task="not-declared")
    assert (english["monolingual_datasets"], english["open_licence_datasets"]) == (1, 0)
    english = row(marts["datasets_by_language_and_task"], language="en", task="text-generation")
    assert (english["monolingual_datasets"], english["open_licence_datasets"]) == (0, 1)

    shares = {r["language"]: r for r in marts["dataset_share_by_language"]}
    # Three datasets of the five have a language: one Norwegian and English, one English, one xx.
    assert (shares["en"]["datasets_declared"], shares["en"]["datasets_total"]) == (3, 5)
    assert shares["en"]["datasets_fractional"] == 1.5  # 1/2 + 1
    assert shares["en"]["share_fractional"] == pytest.approx(1.5 / 3)
    assert shares["en"]["share_of_declared"] == pytest.approx(2 / 3)
    assert shares["en"]["share_of_all"] == pytest.approx(2 / 5)
    assert sum(r["share_fractional"] or 0 for r in shares.values()) == pytest.approx(1)
    assert {lang: r["language_kind"] for lang, r in shares.items()} == {
        "no": "iso",
        "en": "iso",
        "xx": "unrecognised",
        "special": "special",
        "not-declared": "not-declared",
    }
    for pseudo in ("special", "not-declared"):
        assert shares[pseudo]["datasets"] == 1
        assert shares[pseudo]["share_of_all"] is None
        assert shares[pseudo]["datasets_fractional"] is None
        assert shares[pseudo]["mono_or_few_datasets"] is None


def test_mono_or_few_ends_at_five_languages(seeds_dir):
    def listed(codes: str) -> dict:
        return record(tags=[f"language:{code}" for code in codes.split()])

    listing = Snapshot("datasets", NEWEST, [listed("en a b c d"), listed("en a b c d e")])
    rows = compute_marts([listing], seeds_dir)["dataset_share_by_language"]
    english = row(rows, language="en")
    assert (english["datasets"], english["mono_or_few_datasets"]) == (2, 1)


def test_the_dataset_marts_keep_every_snapshot(seeds_dir):
    first = Snapshot("datasets", date(2024, 5, 1), [record(tags=["language:en"])])
    second = Snapshot("datasets", NEWEST, [])
    third = Snapshot("datasets", date(2024, 7, 1), [record(), record()])
    rows = compute_marts([first, second, third], seeds_dir)["dataset_share_by_language"]
    assert [(r["snapshot_date"], r["language"], r["datasets"]) for r in rows] == [
        (date(2024, 5, 1), "en", 1),
        (date(2024, 7, 1), "not-declared", 2),
    ]


# --- shape and comparison -----------------------------------------------------------------------


def test_every_row_of_a_mart_has_its_columns_and_its_grain(seeds_dir):
    datasets = Snapshot("datasets", NEWEST, [record(tags=["language:en"])])
    marts = compute_marts([models(*sized([10**9] * 2)), datasets], seeds_dir)
    assert list(marts) == list(MART_KEYS)
    for mart, rows in marts.items():
        assert rows
        assert len({tuple(r) for r in rows}) == 1, mart
        keys = [tuple(r[column] for column in MART_KEYS[mart]) for r in rows]
        assert keys == sorted(set(keys))


def test_differences_tolerate_rounding_and_nothing_else():
    want = {"k": "a", "n": 3, "x": 1.0, "flag": True, "day": date(2024, 1, 1), "none": None}

    def messages(**changed) -> list[str]:
        return differences([want], [want | {"method_version": "1"} | changed], ["k"])

    assert messages() == []
    assert messages(x=1 + 1e-10) == []
    assert messages(x=1) == []  # a whole number in a fractional column
    assert messages(x=1 + 1e-8) == ["[k=a] x: expected 1.0, got 1.00000001"]
    for changed in (
        {"n": 4},
        {"n": None},
        {"n": "3"},
        {"flag": 1},
        {"day": datetime(2024, 1, 1)},
        {"none": 0},
        {"x": math.nan},
    ):
        assert len(messages(**changed)) == 1, changed
    assert messages(k="b") == ["[k=a] row is missing", "[k=b] row is not expected"]
    assert messages(extra=1) == ["[k=a] extra: column is not expected"]
    assert differences([want], [{"k": "a"}], ["k"])[0] == "[k=a] n: column is missing"
    assert differences([want], [want, want], ["k"]) == ["actual has more than one row for ('a',)"]
