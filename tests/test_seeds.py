"""The seeds against each other and against their sources, where the source can be installed."""

import csv
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
METHODOLOGY = ROOT / "docs" / "methodology.md"
SEED_NAMES = sorted(path.stem for path in SEEDS.glob("*.csv"))
KEYS = {"cloud_prices": ("hardware", "year")}  # every other seed is keyed by its first column
PRICE_COLUMNS = {
    "lowest": "ondemand_min",
    "median": "ondemand_median",
    "highest": "ondemand_max",
    "3-year": "cud3y_median",
}


def rows(seed: str) -> list[dict[str, str]]:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def column(seed: str, name: str) -> list[str]:
    return [row[name] for row in rows(seed)]


def cloud_price(chip: str, year: int, name: str) -> float:
    """USD per chip-hour in the nearest year with observations, the earlier one on a tie."""
    observed = [row for row in rows("cloud_prices") if row["hardware"] == chip]
    nearest = min(observed, key=lambda row: (abs(int(row["year"]) - year), int(row["year"])))
    return float(nearest[name])


@pytest.mark.parametrize("seed", SEED_NAMES)
def test_no_key_stands_twice(seed):
    key = KEYS.get(seed) or (next(iter(rows(seed)[0])),)
    keys = [tuple(row[name] for name in key) for row in rows(seed)]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("seed", SEED_NAMES)
def test_no_column_is_untyped_or_undescribed(seed):
    described = {
        entry["name"]: entry
        for entry in yaml.safe_load((SEEDS / "_seeds.yml").read_text())["seeds"]
    }
    entry = described[seed]
    header = list(rows(seed)[0])
    assert list(entry["config"]["column_types"]) == header
    assert [column["name"] for column in entry["columns"]] == header
    assert all(text["description"].strip() for text in [entry, *entry["columns"]])


def generate_languages(folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, folder / "generate_languages.py", "--check"],
        capture_output=True,
        text=True,
    )


def test_the_language_table_is_what_pycountry_gives():
    pytest.importorskip("pycountry", reason="pycountry, which has the ISO tables, is not installed")
    run = generate_languages(SEEDS)
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_language_edited_by_hand_is_found(tmp_path):
    pytest.importorskip("pycountry", reason="pycountry, which has the ISO tables, is not installed")
    seeds = shutil.copytree(SEEDS, tmp_path / "seeds")
    table = seeds / "languages.csv"
    table.write_text(
        table.read_text(encoding="utf-8").replace("fr,French", "fr,Français"), encoding="utf-8"
    )
    run = generate_languages(seeds)
    assert run.returncode == 1
    assert "differs" in run.stderr


def test_no_language_counts_twice_under_its_longer_code():
    pycountry = pytest.importorskip(
        "pycountry", reason="pycountry, which has the ISO tables, is not installed"
    )
    canonical = {row["raw_code"]: row["canonical_code"] for row in rows("language_normalisation")}
    for language in pycountry.languages:
        short = getattr(language, "alpha_2", None)
        if short is None:
            continue
        counted_as = canonical.get(short, short)
        assert canonical[language.alpha_3] == counted_as
        if hasattr(language, "bibliographic"):
            assert canonical[language.bibliographic] == counted_as


def test_one_lookup_ends_the_normalisation():
    chains = set(column("language_normalisation", "raw_code")) & set(
        column("language_normalisation", "canonical_code")
    )
    assert not chains


def test_every_canonical_code_has_a_name():
    known = set(column("languages", "language"))
    assert set(column("language_normalisation", "canonical_code")) <= known
    assert not set(column("language_normalisation", "raw_code")) & known
    assert not set(column("non_languages", "language")) & known


def test_every_task_is_in_a_category_with_the_same_name():
    names = dict(
        zip(column("categories", "category"), column("categories", "category_name"), strict=True)
    )
    for task in rows("tasks"):
        assert task["category_name"] == names[task["category"]], task["task_id"]


def test_a_removed_task_is_counted_under_one_that_exists():
    current = set(column("tasks", "task_id"))
    assert set(column("task_aliases", "maps_to")) <= current
    assert not set(column("task_aliases", "task_id")) & current


def test_every_scope_but_all_is_a_category():
    assert column("scopes", "scope") == ["all", *column("categories", "category")]


def test_every_chip_has_its_specification():
    chips = set(column("chips", "hardware"))
    assert set(column("published_training_runs", "hardware")) <= chips
    assert set(column("cloud_prices", "hardware")) <= chips
    for reference in column("compute_prices", "reference_hardware"):
        assert set(reference.split("/")) <= chips


def test_every_published_run_can_be_priced():
    priced = set(column("cloud_prices", "hardware"))
    for run in rows("published_training_runs"):
        assert run["hardware"] in priced or run["published_cost_usd"], run["model_id"]


def test_a_run_ended_in_the_year_before_a_release_in_january_or_february():
    dated = [run for run in rows("published_training_runs") if run["released_on"]]
    assert len(dated) > 50
    for run in dated:
        year, month, _ = map(int, run["released_on"].split("-"))
        assert int(run["training_year"]) == year - (month <= 2), run["model_id"]


def test_the_hours_of_a_known_run_fit_its_compute():
    """Hours of the largest cluster times the calendar are twice too many and look plausible.

    A dense model of N parameters that saw D tokens took about 6·N·D FLOP, and runs of this size
    reach a fifth to six tenths of their chips' peak. These are the runs whose D is published.
    """
    flop = {
        "bigscience/bloom": 6 * 176e9 * 366e9,
        "meta-llama/Llama-2-7b": 6 * 6.74e9 * 2e12,
        "meta-llama/Llama-2-70b": 6 * 69e9 * 2e12,
        "tiiuae/falcon-180B": 6 * 180e9 * 3.5e12,
        "meta-llama/Llama-3.1-405B": 6 * 405e9 * 15.6e12,
        "meta-llama/Meta-Llama-3-70B": 6 * 70.6e9 * 15e12,
    }
    runs = {run["model_id"]: run for run in rows("published_training_runs")}
    peak = {chip["hardware"]: float(chip["peak_dense_fp16_bf16_flops"]) for chip in rows("chips")}
    for model_id, needed in flop.items():
        run = runs[model_id]
        utilisation = needed / (float(run["chip_hours"]) * 3600 * peak[run["hardware"]])
        assert 0.2 < utilisation < 0.6, model_id


def recomputable() -> list[tuple[dict[str, str], str, str]]:
    """(row, level, price) of each figure of compute_prices whose source names a price."""
    return [
        (row, level, price)
        for row in rows("compute_prices")
        for level, price in re.findall(
            r"\b(low|central|high) (lowest|median|highest|3-year)", row["source"]
        )
    ]


def test_the_compute_prices_say_which_of_them_can_be_recomputed():
    given = {(int(row["year"]), level) for row, level, _ in recomputable()}
    every = {(year, level) for year in range(2018, 2027) for level in ("low", "central", "high")}
    assert every - given == {
        (2021, "low"),
        (2023, "low"),
        (2026, "low"),
        (2026, "central"),
        (2026, "high"),
    }


@pytest.mark.parametrize(
    ("row", "level", "price"),
    [pytest.param(*case, id=f"{case[0]['year']}-{case[1]}") for case in recomputable()],
)
def test_a_compute_price_follows_from_chip_and_cloud_price(row, level, price):
    peak = {chip["hardware"]: float(chip["peak_dense_fp16_bf16_flops"]) for chip in rows("chips")}
    utilisation = float(row[f"utilisation_{level if level == 'central' else level + '_cost'}"])
    by_chip = [
        cloud_price(chip, int(row["year"]), PRICE_COLUMNS[price])
        / (peak[chip] * utilisation * 3600)
        * 1e21
        for chip in row["reference_hardware"].split("/")
    ]
    usd = math.prod(by_chip) ** (1 / len(by_chip))
    # The prices are rounded to a cent, the figures to a dollar.
    assert float(row[f"usd_per_1e21_flop_{level}"]) == pytest.approx(usd, rel=0.005)


def test_the_methodology_prints_the_fits_that_are_used():
    text = METHODOLOGY.read_text(encoding="utf-8").replace("\N{MINUS SIGN}", "-")
    for fit in rows("training_cost_fits"):
        low, high = float(fit["residual_low_dex"]), float(fit["residual_high_dex"])
        support = [f"{float(fit[f'support_{end}']):.1e}" for end in ("low", "high")]
        cells = (
            *(fit[name] for name in ("category", "a", "b", "c", "d", "e")),
            f"{low:.2f} / +{high:.2f}",
            *(fit[name] for name in ("models", "r_squared", "sd_dex")),
            *(re.sub(r"e\+0?", "e", size) for size in support),
            fit["fitted_on"],
        )
        assert f"| {' | '.join(cells)} |" in text, fit["category"]


def test_the_methodology_prints_the_prices_that_are_used():
    text = METHODOLOGY.read_text(encoding="utf-8")
    for price in rows("compute_prices"):
        usd = [int(price[f"usd_per_1e21_flop_{level}"]) for level in ("low", "central", "high")]
        chips = price["reference_hardware"].replace("/", ", ")
        assert f"| {price['year']} | {chips} | {' | '.join(f'{x:,}' for x in usd)} |" in text


def test_the_methodology_describes_every_column_of_the_marts():
    text = METHODOLOGY.read_text(encoding="utf-8")
    files = (ROOT / "models" / "marts").glob("*.yml")
    contents = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    contracts = [contract for content in contents for contract in content.get("models", [])]
    assert len(contracts) == 7
    for contract in contracts:
        mart, columns = contract["name"], [column["name"] for column in contract["columns"]]
        described = re.split(r"\n##", text[text.index(f"### {mart}\n") :])[0]
        if "first seven columns" in described:
            described += text.split("### average_model_parameters")[1][:900]
        described = re.sub(
            r"`(\w+)\{low,central,high\}`",
            lambda name: " ".join(f"`{name[1]}{level}`" for level in ("low", "central", "high")),
            described,
        )
        assert [name for name in columns if f"`{name}`" not in described] == [], mart
