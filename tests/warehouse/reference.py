"""The seven marts computed a second time, from listing records alone and in plain Python.

The warehouse states the methodology in SQL; this module states it once more, written from the
methodology's text and from nothing else. What the two disagree on is a mistake in one of them.
It therefore shares no code with the project and prefers the plain way to the fast one.

Records are the Hub's own JSON objects: an absent field is absent. Months are the first day of
a month, money is current USD, shares lie between 0 and 1.
"""

import csv
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import stdev
from typing import Any, NamedTuple

Row = dict[str, Any]
Record = Mapping[str, Any]

LAST_CENSORED_DAY = date(2022, 3, 2)
FIRST_RELIABLE_MONTH = date(2024, 1, 1)
FIRST_EXTRAPOLATED_MONTH = date(2025, 6, 1)
LAST_FITTED_TIME = 2025.4
MIN_PARAMETERS, MAX_PARAMETERS = 10**4, 5 * 10**12
MIN_COSTED_PARAMETERS = 10**6
MIN_VALUES, MIN_COVERAGE = 30, 0.10
FEW_LANGUAGES = 5
CONSTANT_RECIPE_FLOP = 6 * 20 * 1e9 * 1e6

DECLARED_RELATIONS = ("adapter", "quantized", "merge", "finetune")  # the first one present wins
QUANTIZED_NAME = re.compile(
    "gguf|gptq|awq|exl2|exl3|mlx|bnb|nvfp4|mxfp4|fp8|int4|int8|4bit|8bit|4-bit|8-bit"
)
QUANTIZED_TAGS = {"gguf", "gptq", "awq", "exl2", "exl3", "mlx"}
MERGE_TAGS = {"merge", "mergekit"}
FINETUNE_TAGS = {
    *("generated_from_trainer", "generated_from_keras_callback", "trl", "sft", "dpo", "grpo"),
    *("unsloth", "llama-factory", "axolotl", "setfit"),
}
FINETUNE_NAME = re.compile("finetun|fine-tun")
PACKED_NAME = re.compile("[2-6]-?bit|int4|nf4|fp4|awq|gptq|exl2|exl3")
PACKED_DTYPES = {"I32", "U32", "I8", "U8", "F4"}
MOE_NAME = re.compile("-a[0-9.]+b|[0-9]+x[0-9.]+b")
# On top of the seed's ISO 639 mapping.
LANGUAGE_OVERRIDES = {"iw": "he", "in": "id", "jp": "ja", "nb": "no"}

NOT_DECLARED, SPECIAL, OTHER = "not-declared", "special", "other"
PSEUDO_LANGUAGE_NAMES = {NOT_DECLARED: "Not declared", SPECIAL: "Special"}
BOUNDS = ("low", "central", "high")

_CELL = ("month", "scope", "scope_name", "population", "is_relation_reliable", "is_complete_month")


def _bounds(name: str) -> tuple[str, ...]:
    return tuple(f"{name}_{bound}" for bound in BOUNDS)


MART_COLUMNS: dict[str, tuple[str, ...]] = {
    "average_model_parameters": (
        *_CELL,
        *("new_models", "models_with_parameters", "coverage", "mean_parameters"),
        *("median_parameters", "geometric_mean_parameters", "geometric_mean_ci_low"),
        *("geometric_mean_ci_high", "winsorised_mean_parameters", "p10_parameters"),
        *("p25_parameters", "p75_parameters", "p90_parameters", "total_parameters"),
        *("raw_mean_parameters", "is_suppressed", "snapshot_date"),
    ),
    "average_training_costs": (
        *_CELL,
        *("new_models", "models_with_cost", "coverage"),
        *_bounds("mean_cost_usd"),
        *_bounds("median_cost_usd"),
        *_bounds("geometric_mean_cost_usd"),
        *_bounds("total_cost_usd"),
        *("share_published", "share_moe", "is_extrapolated", "is_suppressed", "snapshot_date"),
    ),
    "training_cost_per_million_parameters": (
        *_CELL,
        "models_with_cost",
        *_bounds("cost_per_million_usd"),
        *_bounds("median_cost_per_million_usd"),
        *_bounds("constant_recipe_usd"),
        *("is_extrapolated", "is_suppressed", "snapshot_date"),
    ),
    "new_models": (
        *("month", "population", "is_relation_reliable", "is_complete_month", "new_models"),
        *("listed_models", "removed_models", "cumulative_models", "new_models_year_before"),
        *("year_over_year_change", "publishers", "top_publisher", "top_publisher_share"),
        "snapshot_date",
    ),
    "new_models_by_intended_use": (
        *("month", "category", "category_name", "task", "task_name", "is_complete_month"),
        *("new_models", "share_of_declared", "share_of_all", "snapshot_date"),
    ),
    "datasets_by_language_and_task": (
        *("snapshot_date", "language", "language_name", "language_kind", "task", "task_name"),
        *("datasets", "datasets_fractional", "monolingual_datasets", "open_licence_datasets"),
    ),
    "dataset_share_by_language": (
        *("snapshot_date", "language", "language_name", "language_kind", "datasets"),
        *("datasets_fractional", "share_fractional", "share_of_declared", "share_of_all"),
        *("mono_or_few_datasets", "datasets_declared", "datasets_total"),
    ),
}

MART_KEYS: dict[str, tuple[str, ...]] = {
    "average_model_parameters": ("month", "scope", "population"),
    "average_training_costs": ("month", "scope", "population"),
    "training_cost_per_million_parameters": ("month", "scope", "population"),
    "new_models": ("month", "population"),
    "new_models_by_intended_use": ("month", "task"),
    "datasets_by_language_and_task": ("snapshot_date", "language", "task"),
    "dataset_share_by_language": ("snapshot_date", "language"),
}


class Snapshot(NamedTuple):
    """One complete listing.

    Attributes:
        kind: ``models`` or ``datasets``.
        snapshot_date: its UTC day.
        records: the elements of the listing, as the Hub sends them.
    """

    kind: str
    snapshot_date: date
    records: Sequence[Record]


def compute_marts(
    snapshots: Iterable[Snapshot],
    seeds_dir: Path,
    as_of: date | None = None,
    *,
    header_parameters: Mapping[str, int] | None = None,
) -> dict[str, list[Row]]:
    """Compute all seven marts.

    Args:
        snapshots: listings of both kinds, in any order.
        seeds_dir: folder with the project's seeds.
        as_of: the marts as they stood on that day: later snapshots are left out.
        header_parameters: parameters by ``_id``, as the separate parameter run read them.

    Returns:
        Rows by mart, in the order of ``MART_KEYS``, with the columns of ``MART_COLUMNS``:
        those of the methodology without ``method_version``.
    """
    seeds = Seeds(seeds_dir)
    kept = sorted(
        (s for s in snapshots if as_of is None or s.snapshot_date <= as_of),
        key=lambda s: s.snapshot_date,
    )
    marts: dict[str, list[Row]] = {mart: [] for mart in MART_COLUMNS}

    listings = [_public(s) for s in kept if s.kind == "models"]
    if listings:
        snapshot_date = listings[-1].snapshot_date
        models = [
            _model(record, is_listed, seeds, header_parameters or {})
            for record, is_listed in _newest_records(listings)
        ]
        marts |= _cell_marts(models, snapshot_date, seeds)
        marts["new_models"] = _new_models(models, snapshot_date)
        marts["new_models_by_intended_use"] = _by_intended_use(models, snapshot_date, seeds)

    for listing in (_public(s) for s in kept if s.kind == "datasets"):
        datasets = [_dataset(record, seeds) for record in listing.records]
        marts["datasets_by_language_and_task"] += _by_language_and_task(
            datasets, listing.snapshot_date, seeds
        )
        marts["dataset_share_by_language"] += _share_by_language(
            datasets, listing.snapshot_date, seeds
        )

    return {
        mart: sorted(
            ({column: row[column] for column in columns} for row in marts[mart]),
            key=lambda row, mart=mart: [row[column] for column in MART_KEYS[mart]],
        )
        for mart, columns in MART_COLUMNS.items()
    }


# --- seeds ------------------------------------------------------------------------------------


class Seeds:
    """The project's seeds, each in the shape in which it is looked up."""

    def __init__(self, folder: Path) -> None:
        def rows(name: str) -> list[dict[str, str]]:
            with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file))

        self.task_names = {r["task_id"]: r["task_name"] for r in rows("tasks")}
        self.task_categories = {r["task_id"]: r["category"] for r in rows("tasks")}
        self.task_aliases = {r["task_id"]: r["maps_to"] for r in rows("task_aliases")}
        self.category_names = {r["category"]: r["category_name"] for r in rows("categories")}
        self.scope_names = {r["scope"]: r["scope_name"] for r in rows("scopes")}

        self.language_names = {r["language"]: r["language_name"] for r in rows("languages")}
        self.language_codes = {
            r["raw_code"]: r["canonical_code"] for r in rows("language_normalisation")
        }
        self.non_languages = {r["language"] for r in rows("non_languages")}
        self.open_licences = {
            r["licence_id"] for r in rows("licences") if r["is_open"].lower() == "true"
        }

        self.fits = {
            r["category"]: Fit(
                *(float(r[c]) for c in ("a", "b", "c", "residual_low_dex", "residual_high_dex"))
            )
            for r in rows("training_cost_fits")
        }
        # USD for 1e21 FLOP in the middle of a year: {year: (low, central, high)}
        self.compute_prices = {
            int(r["year"]): tuple(float(r[f"usd_per_1e21_flop_{bound}"]) for bound in BOUNDS)
            for r in rows("compute_prices")
        }
        # USD for a chip-hour: {(hardware, year): (low, central, high)}
        self.chip_prices = {
            (r["hardware"], int(r["year"])): (
                min(float(p) for p in (r["ondemand_min"], r["cud3y_median"]) if p),
                float(r["ondemand_median"]),
                float(r["ondemand_max"]),
            )
            for r in rows("cloud_prices")
            if r["ondemand_median"]
        }
        self.published_runs = {r["model_id"]: r for r in rows("published_training_runs")}

    def task(self, hub_task: str | None) -> str:
        if not hub_task:
            return NOT_DECLARED
        return self.task_aliases.get(hub_task, hub_task)

    def task_name(self, task: str) -> str:
        """An unknown task goes by its own id."""
        if task == NOT_DECLARED:
            return self.category_names[NOT_DECLARED]
        return self.task_names.get(task, task)

    def category(self, task: str) -> str:
        if task == NOT_DECLARED:
            return NOT_DECLARED
        return self.task_categories.get(task, OTHER)

    def language(self, tag_value: str) -> str:
        code = re.split("[-_]", tag_value.lower())[0]
        code = self.language_codes.get(code, code)
        return LANGUAGE_OVERRIDES.get(code, code)

    def language_name(self, language: str) -> str:
        """An unrecognised code goes by itself."""
        names = PSEUDO_LANGUAGE_NAMES | self.language_names
        return names.get(language, language)

    def language_kind(self, language: str) -> str:
        if language in PSEUDO_LANGUAGE_NAMES:
            return language
        return "iso" if language in self.language_names else "unrecognised"


class Fit(NamedTuple):
    """log10 FLOP = a + b·log10(N/1e9) + c·(t - 2022), with the quartiles of what is left over."""

    a: float
    b: float
    c: float
    residual_low_dex: float
    residual_high_dex: float


# --- identity -----------------------------------------------------------------------------------


def _public(snapshot: Snapshot) -> Snapshot:
    """The snapshot's public repositories, each ``_id`` once."""
    by_id: dict[str, Record] = {}
    for record in snapshot.records:
        if record.get("private") is not True:
            by_id.setdefault(record["_id"], record)
    return snapshot._replace(records=list(by_id.values()))


def _newest_records(listings: Sequence[Snapshot]) -> Iterator[tuple[Record, bool]]:
    """The newest record of every model ever listed, and whether it is listed now.

    A new ``_id`` continues the model that bore its name last, unless that model goes on under
    another name: it was then renamed, and the name is free for someone else.

    Args:
        listings: snapshots of models, oldest first.
    """
    model_of: dict[str, str] = {}  # _id -> the first _id of the same model
    bearer_of: dict[str, str] = {}  # name -> the model that bore it last
    newest: dict[str, Record] = {}
    last_seen: dict[str, date] = {}

    for listing in listings:
        # What is known comes first, so that a rename frees its name before it is taken anew.
        for record in sorted(listing.records, key=lambda r: r["_id"] not in model_of):
            hub_id, name = record["_id"], record["id"]
            if hub_id not in model_of:
                bearer = bearer_of.get(name)
                continues = bearer is not None and newest[bearer]["id"] == name
                model_of[hub_id] = bearer if continues else hub_id
            model = model_of[hub_id]
            is_first_in_listing = last_seen.get(model) != listing.snapshot_date
            if is_first_in_listing or _age(record) > _age(newest[model]):
                newest[model] = record
                last_seen[model] = listing.snapshot_date
            bearer_of[name] = model

    for model, record in newest.items():
        yield record, last_seen[model] == listings[-1].snapshot_date


def _age(record: Record) -> tuple[str, str]:
    """Orders two records of one name in one listing; the later created is the newer."""
    return record.get("createdAt") or "", record["_id"]


# --- models -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Model:
    """One model with everything that the marts ask of it.

    Attributes:
        month: of creation; None where left-censored.
        parameters: N, None where unknown or out of range.
        parameter_use: ``adapter``, ``quantized``, ``packed`` or ``counted``; None without an N.
        cost_usd: (low, central, high); None unless N is counted and large enough.
        is_published: the cost rests on a published run.
    """

    month: date | None
    is_listed: bool
    publisher: str | None
    task: str
    category: str
    relation: str
    is_moe: bool
    parameters: int | None
    parameter_use: str | None
    cost_usd: tuple[float, float, float] | None
    is_published: bool

    @property
    def populations(self) -> tuple[str, str]:
        return "all", "no_known_parent" if self.relation == "none" else "derived"


def _model(
    record: Record, is_listed: bool, seeds: Seeds, header_parameters: Mapping[str, int]
) -> Model:
    month = _month(record)
    task = seeds.task(record.get("pipeline_tag"))
    category = seeds.category(task)
    relation = _relation(record)
    parameters, source = _parameters(record, header_parameters)
    use = _parameter_use(record, parameters, source, relation)

    cost, is_published = None, False
    if month and parameters and use == "counted" and parameters >= MIN_COSTED_PARAMETERS:
        cost = _published_cost(record["id"], seeds)
        is_published = cost is not None
        cost = cost or _estimated_cost(parameters, category, month, seeds)

    return Model(
        month=month,
        is_listed=is_listed,
        publisher=_publisher(record),
        task=task,
        category=category,
        relation=relation,
        is_moe=_is_moe(record),
        parameters=parameters,
        parameter_use=use,
        cost_usd=cost,
        is_published=is_published,
    )


def _month(record: Record) -> date | None:
    text = record.get("createdAt")
    if text is None:
        return None
    created = datetime.fromisoformat(text).astimezone(UTC).date()
    return None if created <= LAST_CENSORED_DAY else created.replace(day=1)


def _publisher(record: Record) -> str | None:
    if record.get("author") is not None:
        return record["author"]
    owner, slash, _ = record["id"].partition("/")
    return owner if slash else None


def _tags(record: Record) -> list[str]:
    return record.get("tags") or []


def _values(record: Record, prefix: str) -> list[str]:
    values = [tag.removeprefix(prefix) for tag in _tags(record) if tag.startswith(prefix)]
    return [value for value in values if value]


def _relation(record: Record) -> str:
    declared = set()
    for value in _values(record, "base_model:"):
        relation, colon, parent = value.partition(":")
        if not (colon and relation in DECLARED_RELATIONS):
            relation, parent = "finetune", value
        if parent and parent != record["id"]:
            declared.add(relation)
    for relation in DECLARED_RELATIONS:
        if relation in declared:
            return relation

    tags, name = set(_tags(record)), record["id"]  # a name as the Hub gives it
    if record.get("library_name") == "peft" or "lora" in tags:
        return "adapter"
    if QUANTIZED_NAME.search(name) or (tags & QUANTIZED_TAGS and "safetensors" not in tags):
        return "quantized"
    if tags & MERGE_TAGS:
        return "merge"
    if tags & FINETUNE_TAGS or FINETUNE_NAME.search(name):
        return "finetune"
    return "none"


def _parameters(
    record: Record, header_parameters: Mapping[str, int]
) -> tuple[int | None, str | None]:
    """N and its ``parameter_source``."""
    safetensors, gguf = record.get("safetensors") or {}, record.get("gguf") or {}
    map_sum = sum((safetensors.get("parameters") or {}).values())
    by_source = {
        "safetensors": map_sum if map_sum > 0 else None,
        "safetensors_total": safetensors.get("total"),
        "gguf": gguf.get("total"),
        "header": header_parameters.get(record["_id"]),
    }
    for source, count in by_source.items():
        if count is not None:
            is_valid = MIN_PARAMETERS <= count <= MAX_PARAMETERS
            return (count, source) if is_valid else (None, "out_of_range")
    return None, None


def _parameter_use(
    record: Record, parameters: int | None, source: str | None, relation: str
) -> str | None:
    if parameters is None:
        return None
    if relation in ("adapter", "quantized"):
        return relation
    if source in ("safetensors", "safetensors_total"):
        by_dtype = record["safetensors"].get("parameters") or {}
        packed = sum(count for dtype, count in by_dtype.items() if dtype in PACKED_DTYPES)
        name = record["id"].rpartition("/")[2].lower()
        # Over 5 %, in whole numbers.
        if packed * 20 > sum(by_dtype.values()) or PACKED_NAME.search(name):
            return "packed"
    return "counted"


def _is_moe(record: Record) -> bool:
    has_tag = any("moe" in tag or "mixtral" in tag for tag in _tags(record))
    return has_tag or MOE_NAME.search(record["id"]) is not None


# --- costs --------------------------------------------------------------------------------------


def _year_fraction(month: date) -> float:
    """The middle of a month, in years."""
    return month.year + (month.month - 0.5) / 12


def _published_cost(model_id: str, seeds: Seeds) -> tuple[float, float, float] | None:
    run = seeds.published_runs.get(model_id)
    if run is None or not run["chip_hours"]:
        return None
    years = [year for hardware, year in seeds.chip_prices if hardware == run["hardware"]]
    if years:
        trained = int(run["training_year"])
        year = min(years, key=lambda y: (abs(y - trained), y))
        hours = float(run["chip_hours"])
        low, central, high = seeds.chip_prices[run["hardware"], year]
        return hours * low, hours * central, hours * high
    if run["published_cost_usd"]:
        cost = float(run["published_cost_usd"])
        return cost, cost, cost
    return None


def _estimated_cost(
    parameters: int, category: str, month: date, seeds: Seeds
) -> tuple[float, float, float]:
    fit = seeds.fits.get(category, seeds.fits["default"])
    t = min(_year_fraction(month), LAST_FITTED_TIME)
    dex = fit.a + fit.b * math.log10(parameters / 1e9) + fit.c * (t - 2022)
    low_price, price, high_price = _compute_price(month, seeds)
    return (
        10 ** (dex + fit.residual_low_dex) / 1e21 * low_price,
        10**dex / 1e21 * price,
        10 ** (dex + fit.residual_high_dex) / 1e21 * high_price,
    )


def _compute_price(month: date, seeds: Seeds) -> tuple[float, ...]:
    """USD for 1e21 FLOP in a month: (low, central, high)."""
    years = sorted(seeds.compute_prices)
    t = min(max(_year_fraction(month), years[0] + 0.5), years[-1] + 0.5)
    before = max(year for year in years if year + 0.5 <= t)
    after = min(year for year in years if year + 0.5 >= t)
    weight = (t - before - 0.5) / (after - before) if after > before else 0.0
    return tuple(
        math.exp((1 - weight) * math.log(p) + weight * math.log(q))
        for p, q in zip(seeds.compute_prices[before], seeds.compute_prices[after], strict=True)
    )


# --- statistics ---------------------------------------------------------------------------------


def _percentile(values: Sequence[float], percent: int) -> float:
    """PERCENTILE_CONT: linear between the two values around rank (n - 1)·percent/100, from 0."""
    ordered = sorted(values)
    rank, hundredths = divmod((len(ordered) - 1) * percent, 100)
    if not hundredths:
        return float(ordered[rank])
    return ordered[rank] + (ordered[rank + 1] - ordered[rank]) * hundredths / 100


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _geometric_mean(values: Sequence[float]) -> float:
    return math.exp(_mean([math.log(v) for v in values]))


def _geometric_mean_interval(values: Sequence[float]) -> tuple[float, float]:
    logs = [math.log(v) for v in values]
    half_width = 1.96 * stdev(logs) / math.sqrt(len(logs))  # stdev divides by n - 1
    return math.exp(_mean(logs) - half_width), math.exp(_mean(logs) + half_width)


def _winsorised_mean(values: Sequence[float]) -> float:
    low, high = _percentile(values, 1), _percentile(values, 99)
    return _mean([min(max(v, low), high) for v in values])


def _is_suppressed(values: int, coverage: float) -> bool:
    return values < MIN_VALUES or coverage < MIN_COVERAGE


# --- marts of models ----------------------------------------------------------------------------


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _is_complete(month: date, snapshot_date: date) -> bool:
    return _next_month(month) <= snapshot_date


def _spine(models: Sequence[Model]) -> list[date]:
    """Every month from the first with a new model to the last."""
    months = [m.month for m in models if m.month]
    spine = [min(months)] if months else []
    while months and spine[-1] < max(months):
        spine.append(_next_month(spine[-1]))
    return spine


def _cell_marts(models: Sequence[Model], snapshot_date: date, seeds: Seeds) -> dict[str, list[Row]]:
    """The three marts of one row per month, scope and population, where there are new models."""
    cells: dict[tuple[date, str, str], list[Model]] = defaultdict(list)
    for model in models:
        if model.month:
            for scope in ("all", model.category):
                for population in model.populations:
                    cells[model.month, scope, population].append(model)

    marts: dict[str, list[Row]] = defaultdict(list)
    for (month, scope, population), cell in cells.items():
        head = {
            "month": month,
            "scope": scope,
            "scope_name": seeds.scope_names[scope],
            "population": population,
            "is_relation_reliable": month >= FIRST_RELIABLE_MONTH,
            "is_complete_month": _is_complete(month, snapshot_date),
        }
        tail = {"snapshot_date": snapshot_date}
        marts["average_model_parameters"].append(head | _parameter_statistics(cell) | tail)
        marts["average_training_costs"].append(head | _cost_statistics(cell, month) | tail)
        marts["training_cost_per_million_parameters"].append(
            head | _cost_per_million(cell, month, seeds) | tail
        )
    return dict(marts)


def _parameter_statistics(cell: Sequence[Model]) -> Row:
    counted = [m.parameters for m in cell if m.parameter_use == "counted"]
    valid = [m.parameters for m in cell if m.parameters is not None]
    coverage = len(counted) / len(cell)
    is_suppressed = _is_suppressed(len(counted), coverage)

    def shown(statistic: Callable[[Sequence[float]], Any]) -> Any:
        return None if is_suppressed else statistic(counted)

    interval = shown(_geometric_mean_interval) or (None, None)
    return {
        "new_models": len(cell),
        "models_with_parameters": len(counted),
        "coverage": coverage,
        "mean_parameters": shown(_mean),
        "median_parameters": shown(lambda v: _percentile(v, 50)),
        "geometric_mean_parameters": shown(_geometric_mean),
        "geometric_mean_ci_low": interval[0],
        "geometric_mean_ci_high": interval[1],
        "winsorised_mean_parameters": shown(_winsorised_mean),
        "p10_parameters": shown(lambda v: _percentile(v, 10)),
        "p25_parameters": shown(lambda v: _percentile(v, 25)),
        "p75_parameters": shown(lambda v: _percentile(v, 75)),
        "p90_parameters": shown(lambda v: _percentile(v, 90)),
        "total_parameters": shown(sum),
        # It has values of its own, and so its own limit: the row's does not apply.
        "raw_mean_parameters": _mean(valid) if len(valid) >= MIN_VALUES else None,
        "is_suppressed": is_suppressed,
    }


def _cost_statistics(cell: Sequence[Model], month: date) -> Row:
    costed = [m for m in cell if m.cost_usd]
    coverage = len(costed) / len(cell)
    is_suppressed = _is_suppressed(len(costed), coverage)
    row: Row = {"new_models": len(cell), "models_with_cost": len(costed), "coverage": coverage}
    statistics: dict[str, Callable[[Sequence[float]], float]] = {
        "mean_cost_usd": _mean,
        "median_cost_usd": lambda v: _percentile(v, 50),
        "geometric_mean_cost_usd": _geometric_mean,
        "total_cost_usd": math.fsum,
    }
    for name, statistic in statistics.items():
        for i, bound in enumerate(BOUNDS):
            costs = [m.cost_usd[i] for m in costed]
            row[f"{name}_{bound}"] = None if is_suppressed else statistic(costs)
    return row | {
        "share_published": None if is_suppressed else _share(m.is_published for m in costed),
        "share_moe": None if is_suppressed else _share(m.is_moe for m in costed),
        "is_extrapolated": month >= FIRST_EXTRAPOLATED_MONTH,
        "is_suppressed": is_suppressed,
    }


def _share(flags: Iterable[bool]) -> float:
    flags = list(flags)
    return sum(flags) / len(flags)


def _cost_per_million(cell: Sequence[Model], month: date, seeds: Seeds) -> Row:
    costed = [m for m in cell if m.cost_usd]
    is_suppressed = _is_suppressed(len(costed), len(costed) / len(cell))
    row: Row = {"models_with_cost": len(costed)}
    for i, bound in enumerate(BOUNDS):
        ratio = median = None
        if not is_suppressed:
            total = math.fsum(m.cost_usd[i] for m in costed)
            ratio = total / (sum(m.parameters for m in costed) / 1e6)
            median = _percentile([m.cost_usd[i] / (m.parameters / 1e6) for m in costed], 50)
        row[f"cost_per_million_usd_{bound}"] = ratio
        row[f"median_cost_per_million_usd_{bound}"] = median
        price = _compute_price(month, seeds)[i]
        row[f"constant_recipe_usd_{bound}"] = CONSTANT_RECIPE_FLOP / 1e21 * price
    return row | {
        "is_extrapolated": month >= FIRST_EXTRAPOLATED_MONTH,
        "is_suppressed": is_suppressed,
    }


def _new_models(models: Sequence[Model], snapshot_date: date) -> list[Row]:
    rows = []
    for population in ("all", "no_known_parent", "derived"):
        members = [m for m in models if population in m.populations]
        by_month: dict[date, list[Model]] = defaultdict(list)
        for model in members:
            if model.month:
                by_month[model.month].append(model)
        cumulative = sum(m.month is None for m in members)  # the left-censored stock
        counts: dict[date, int] = {}
        for month in _spine(models):
            new = by_month[month]
            counts[month] = len(new)
            cumulative += len(new)
            listed = sum(m.is_listed for m in new)
            year_before = counts.get(month.replace(year=month.year - 1))
            is_complete = _is_complete(month, snapshot_date)
            publishers = Counter(m.publisher for m in new if m.publisher is not None)
            top = min(publishers, key=lambda p: (-publishers[p], p), default=None)
            rows.append(
                {
                    "month": month,
                    "population": population,
                    "is_relation_reliable": month >= FIRST_RELIABLE_MONTH,
                    "is_complete_month": is_complete,
                    "new_models": len(new),
                    "listed_models": listed,
                    "removed_models": len(new) - listed,
                    "cumulative_models": cumulative,
                    "new_models_year_before": year_before,
                    "year_over_year_change": (
                        len(new) / year_before - 1 if year_before and is_complete else None
                    ),
                    "publishers": len(publishers),
                    "top_publisher": top,
                    "top_publisher_share": None if top is None else publishers[top] / len(new),
                    "snapshot_date": snapshot_date,
                }
            )
    return rows


def _by_intended_use(models: Sequence[Model], snapshot_date: date, seeds: Seeds) -> list[Row]:
    counts: dict[date, Counter[str]] = {
        month: Counter({NOT_DECLARED: 0}) for month in _spine(models)
    }
    for model in models:
        if model.month:
            counts[model.month][model.task] += 1
    rows = []
    for month, by_task in counts.items():
        new = sum(by_task.values())
        declared = new - by_task[NOT_DECLARED]
        for task, count in by_task.items():
            category = seeds.category(task)
            rows.append(
                {
                    "month": month,
                    "category": category,
                    "category_name": seeds.category_names[category],
                    "task": task,
                    "task_name": seeds.task_name(task),
                    "is_complete_month": _is_complete(month, snapshot_date),
                    "new_models": count,
                    "share_of_declared": None if task == NOT_DECLARED else count / declared,
                    "share_of_all": count / new if new else None,
                    "snapshot_date": snapshot_date,
                }
            )
    return rows


# --- marts of datasets --------------------------------------------------------------------------


@dataclass(frozen=True)
class Dataset:
    """One dataset of one snapshot.

    Attributes:
        languages: the distinct languages; else ``special`` or ``not-declared`` alone.
        tasks: the distinct tasks; else ``not-declared`` alone.
    """

    languages: frozenset[str]
    tasks: frozenset[str]
    has_open_licence: bool

    @property
    def has_language(self) -> bool:
        return self.languages.isdisjoint(PSEUDO_LANGUAGE_NAMES)


def _dataset(record: Record, seeds: Seeds) -> Dataset:
    tagged = {seeds.language(value) for value in _values(record, "language:")}
    languages = tagged - seeds.non_languages
    tasks = {seeds.task(value) for value in _values(record, "task_categories:")}
    return Dataset(
        languages=frozenset(languages or {SPECIAL if tagged else NOT_DECLARED}),
        tasks=frozenset(tasks or {NOT_DECLARED}),
        has_open_licence=not seeds.open_licences.isdisjoint(_values(record, "license:")),
    )


def _by_language_and_task(
    datasets: Sequence[Dataset], snapshot_date: date, seeds: Seeds
) -> list[Row]:
    cells: dict[tuple[str, str], list[Dataset]] = defaultdict(list)
    for dataset in datasets:
        for language in dataset.languages:
            for task in dataset.tasks:
                cells[language, task].append(dataset)
    return [
        {
            "snapshot_date": snapshot_date,
            "language": language,
            "language_name": seeds.language_name(language),
            "language_kind": seeds.language_kind(language),
            "task": task,
            "task_name": seeds.task_name(task),
            "datasets": len(cell),
            "datasets_fractional": math.fsum(1 / len(d.languages) / len(d.tasks) for d in cell),
            "monolingual_datasets": sum(d.has_language and len(d.languages) == 1 for d in cell),
            "open_licence_datasets": sum(d.has_open_licence for d in cell),
        }
        for (language, task), cell in cells.items()
    ]


def _share_by_language(datasets: Sequence[Dataset], snapshot_date: date, seeds: Seeds) -> list[Row]:
    by_language: dict[str, list[Dataset]] = defaultdict(list)
    for dataset in datasets:
        for language in dataset.languages:
            by_language[language].append(dataset)
    declared = sum(d.has_language for d in datasets)
    rows = []
    for language, members in by_language.items():
        fractional = math.fsum(1 / len(d.languages) for d in members)
        few = sum(len(d.languages) <= FEW_LANGUAGES for d in members)
        is_language = language not in PSEUDO_LANGUAGE_NAMES
        rows.append(
            {
                "snapshot_date": snapshot_date,
                "language": language,
                "language_name": seeds.language_name(language),
                "language_kind": seeds.language_kind(language),
                "datasets": len(members),
                "datasets_fractional": fractional if is_language else None,
                "share_fractional": fractional / declared if is_language else None,
                "share_of_declared": len(members) / declared if is_language else None,
                "share_of_all": len(members) / len(datasets) if is_language else None,
                "mono_or_few_datasets": few if is_language else None,
                "datasets_declared": declared,
                "datasets_total": len(datasets),
            }
        )
    return rows


# --- comparison ---------------------------------------------------------------------------------


def differences(
    expected_rows: Iterable[Row],
    actual_rows: Iterable[Row],
    key_columns: Sequence[str],
    rel: float = 1e-9,
) -> list[str]:
    """Compare a mart with its reference.

    Counts, text, dates, booleans and nulls must be equal; a number that is fractional on
    either side must agree within ``rel``.

    Args:
        expected_rows: rows of ``compute_marts``.
        actual_rows: rows of the warehouse; their ``method_version`` is not looked at.
        key_columns: the mart's entry in ``MART_KEYS``.
        rel: relative tolerance.

    Returns:
        One readable line for each row or value that differs; empty where all agree.
    """
    messages: list[str] = []
    expected = _by_key(expected_rows, key_columns, "expected", messages)
    actual = _by_key(actual_rows, key_columns, "actual", messages)
    for key in [*expected, *(key for key in actual if key not in expected)]:
        where = ", ".join(f"{c}={v}" for c, v in zip(key_columns, key, strict=True))
        if key not in actual:
            messages.append(f"[{where}] row is missing")
        elif key not in expected:
            messages.append(f"[{where}] row is not expected")
        else:
            want, have = expected[key], actual[key]
            for column in [*want, *(c for c in have if c not in want and c != "method_version")]:
                if column not in have:
                    messages.append(f"[{where}] {column}: column is missing")
                elif column not in want:
                    messages.append(f"[{where}] {column}: column is not expected")
                elif not _agree(want[column], have[column], rel):
                    messages.append(
                        f"[{where}] {column}: expected {want[column]!r}, got {have[column]!r}"
                    )
    return messages


def _by_key(
    rows: Iterable[Row], key_columns: Sequence[str], side: str, messages: list[str]
) -> dict[tuple[Any, ...], Row]:
    by_key: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(row[column] for column in key_columns)
        if key in by_key:
            messages.append(f"{side} has more than one row for {key}")
        by_key[key] = row
    return by_key


def _agree(want: Any, have: Any, rel: float) -> bool:
    if float in (type(want), type(have)) and {type(want), type(have)} <= {int, float}:
        # A change is a ratio minus 1: next to no change, only the ratio's last digit is left.
        return math.isclose(want, have, rel_tol=rel, abs_tol=1e-15)
    return type(want) is type(have) and want == have
