"""The seven marts computed a second time, from listing records alone and in plain Python.

The warehouse states the methodology in SQL; this module states it once more, written from the
methodology's text and from nothing else. What the two disagree on is a mistake in one of them.
It therefore shares no code with the project and prefers the plain way to the fast one.

Records are the Hub's own JSON objects: an absent field is absent. Months are the first day of
a month, money is current USD, shares lie between 0 and 1.
"""

# long: one reading of the methodology, in its order; in parts it would be harder to hold beside it.

import csv
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tests.warehouse.survival_reference import Life, survival_by_age, survival_of_month

Row = dict[str, Any]
Record = Mapping[str, Any]

LAST_CENSORED_DAY = date(2022, 3, 2)
FIRST_RELIABLE_MONTH = date(2024, 1, 1)
FIRST_EXTRAPOLATED_MONTH = date(2025, 6, 1)
LAST_FITTED_TIME = 2025.4
MIN_PARAMETERS, MAX_PARAMETERS = 10**4, 5 * 10**12
MIN_COSTED_PARAMETERS = 10**6
MIN_VALUES, MIN_COVERAGE = 30, 0.10
MIN_PUBLISHERS, MAX_INTERVAL_RATIO = 10, 4
MIN_SHARE_WITH_COUNTER = 0.9
FEW_LANGUAGES = 5
CONSTANT_RECIPE_FLOP = 6 * 20 * 1e9 * 1e6

DECLARED_RELATIONS = ("adapter", "quantized", "merge", "finetune")  # the first one present wins
QUANTIZED_NAME = re.compile(
    "gguf|gptq|awq|exl2|exl3|mlx|bnb|nvfp4|mxfp4|fp8|int4|int8|4bit|8bit|4-bit|8-bit"
)
QUANTIZED_TAGS = {
    "gguf",
    "gptq",
    "awq",
    "exl2",
    "exl3",
}  # beside a tag safetensors they say nothing
MERGE_TAGS = {"merge", "mergekit"}
FINETUNE_TAGS = {
    *("generated_from_trainer", "generated_from_keras_callback", "trl", "sft", "dpo", "grpo"),
    *("unsloth", "llama-factory", "axolotl", "setfit"),
}
FINETUNE_NAME = re.compile("finetun|fine-tun")
PACKED_NAME = re.compile("(^|[^0-9])[2-6]-?bit|int4|nf4|fp4|awq|gptq|exl2|exl3")
PACKED_DTYPES = {"I32", "U32", "I8", "U8", "F4"}
# A number of parameters as a name writes it stands between characters that are no part of a word.
MOE_NAME = re.compile(r"(?<![a-z0-9])(a[0-9]+(\.[0-9]+)?b|[0-9]+x[0-9]+(\.[0-9]+)?b)(?![a-z0-9])")
ACTIVE_NAME = re.compile(r"(?<![a-z0-9])a([0-9]+(?:\.[0-9]+)?)([bm])(?![a-z0-9])")
MOE_WORDS = {"moe", "mixture-of-experts"}
# Types that owners write freely as well.
VAGUE_TYPES = {"minimax", "grok", "step", "llama4"}
# On top of the seed's ISO 639 mapping.
LANGUAGE_OVERRIDES = {"iw": "he", "in": "id", "jp": "ja", "nb": "no"}

NOT_DECLARED, SPECIAL, OTHER = "not-declared", "special", "other"
PSEUDO_LANGUAGE_NAMES = {NOT_DECLARED: "Not declared", SPECIAL: "Special"}
BOUNDS = ("low", "central", "high")

_STATUS = ("is_suppressed", "suppression_reason", "is_low_reliability", "observation_status")

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
    """One listing.

    Attributes:
        kind: ``models`` or ``datasets``.
        snapshot_date: its UTC day.
        records: the elements of the listing, as the Hub sends them.
        is_complete: whether it is all that was listed.
    """

    kind: str
    snapshot_date: date
    records: Sequence[Record]
    is_complete: bool = True


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
        Rows by mart, sorted by its keys in ``MART_KEYS``, with the methodology's columns but
        ``method_version``.
    """
    seeds = Seeds(seeds_dir)
    kept = sorted(
        (s for s in snapshots if as_of is None or s.snapshot_date <= as_of),
        key=lambda s: s.snapshot_date,
    )
    marts: dict[str, list[Row]] = {mart: [] for mart in MART_KEYS}

    listings = [_public(s) for s in kept if s.kind == "models"]
    if listings:
        snapshot_date = listings[-1].snapshot_date
        models = _models(listings, seeds, header_parameters or {})
        marts |= _cell_marts(models, snapshot_date, seeds)
        marts["new_models"] = _new_models(models, snapshot_date, *survival(listings))
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
        mart: sorted(marts[mart], key=lambda row, keys=keys: [row[column] for column in keys])
        for mart, keys in MART_KEYS.items()
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
            r["category"]: Fit(**{name: float(r[name]) for name in Fit._fields})
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

        self.reported_sizes = {r["model_id"]: r for r in rows("reported_model_sizes")}
        self.moe_types = {
            r["model_type"].lower()
            for r in rows("mixture_of_experts_types")
            if r["always_moe"] == "true" and r["model_type"] not in VAGUE_TYPES
        }
        self.price_index = {
            date.fromisoformat(r["month"]): float(r["price_index"]) for r in rows("producer_prices")
        }

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
    """log10 FLOP of a model by x = log10(A/1e9) and t, in years from 2022.

    a + b·x + c·t + d·x·t + e·x², with the quartiles of what is left over, and the sizes that
    the fit has seen.
    """

    a: float
    b: float
    c: float
    d: float
    e: float
    residual_low_dex: float
    residual_high_dex: float
    support_low: float
    support_high: float


# --- identity -----------------------------------------------------------------------------------


def _public(snapshot: Snapshot) -> Snapshot:
    """The snapshot's public repositories, each ``_id`` once."""
    by_id: dict[str, Record] = {}
    for record in snapshot.records:
        if record.get("private") is not True:
            by_id.setdefault(record["_id"], record)
    return snapshot._replace(records=list(by_id.values()))


class Identities(NamedTuple):
    """The models ever listed.

    Attributes:
        newest: the newest record of each, by its key.
        listed: keys of those that the newest listing has.
        bearers: which model bore a name last, by name.
        seen_on: the days of the listings that have each, by its key.
    """

    newest: dict[str, Record]
    listed: set[str]
    bearers: dict[str, str]
    seen_on: dict[str, set[date]]


def _identities(listings: Sequence[Snapshot]) -> Identities:
    """Say which records are of one model, and what its names were.

    A new ``_id`` continues the model that bore its name last, unless that model goes on, in
    whatever later listing: it was then renamed, and the name is free for someone else.

    Args:
        listings: snapshots of models, oldest first.
    """
    model_of: dict[str, str] = {}  # _id -> the first _id of the same model
    bearer_of: dict[str, str] = {}  # name -> the model that bore it last
    newest: dict[str, Record] = {}
    last_seen: dict[str, date] = {}
    seen_on: dict[str, set[date]] = defaultdict(set)
    last_listed = {r["_id"]: listing.snapshot_date for listing in listings for r in listing.records}

    for listing in listings:
        # What is known comes first, so that a rename frees its name before it is taken anew.
        for record in sorted(listing.records, key=lambda r: r["_id"] not in model_of):
            hub_id, name = record["_id"], record["id"]
            if hub_id not in model_of:
                bearer = bearer_of.get(name)
                continues = (
                    bearer is not None
                    and newest[bearer]["id"] == name
                    and last_listed[newest[bearer]["_id"]] <= listing.snapshot_date
                )
                model_of[hub_id] = bearer if continues else hub_id
            model = model_of[hub_id]
            is_first_in_listing = last_seen.get(model) != listing.snapshot_date
            if is_first_in_listing or _age(record) > _age(newest[model]):
                newest[model] = record
                last_seen[model] = listing.snapshot_date
            bearer_of[name] = model
            seen_on[model].add(listing.snapshot_date)

    newest_date = listings[-1].snapshot_date
    listed = {model for model, seen in last_seen.items() if seen == newest_date}
    return Identities(newest, listed, bearer_of, seen_on)


def survival(listings: Sequence[Snapshot]) -> tuple[list[Life], list[date]]:
    """The lives of all models that are not left-censored, and the days of the whole listings."""
    identities = _identities([_public(listing) for listing in listings])
    lives = [
        Life(
            created_on=created_on,
            publisher=_publisher(record) or (key,),
            seen_on=frozenset(identities.seen_on[key]),
        )
        for key, record in identities.newest.items()
        if (created_on := _created_on(record)) and created_on > LAST_CENSORED_DAY
    ]
    return lives, [listing.snapshot_date for listing in listings if listing.is_complete]


def _age(record: Record) -> tuple[str, str]:
    """Orders two records of one name in one listing; the later created is the newer."""
    return record.get("createdAt") or "", record["_id"]


# --- models -------------------------------------------------------------------------------------


@dataclass
class Model:
    """One model with everything that the marts ask of it.

    Attributes:
        month: of creation; None where left-censored.
        parameters: N, None where unknown or out of range.
        exact_parameters: the listing's own N; the reported one where there is none.
        parameter_use: ``adapter``, ``quantized``, ``packed`` or ``counted``; None without an N.
        active_parameters: A, those that work at a time; None where nobody knows.
        is_repeated_size: an earlier model has exactly the same N.
        cost_usd: (low, central, high); None where there is none.
        is_published: the cost rests on a published run.
        is_inside_support: the cost is published, or of a size that the fit has seen.
    """

    key: str
    record: Record
    month: date | None
    is_listed: bool
    publisher: str | None
    task: str
    category: str
    relation: str
    parents: list[str]
    is_moe: bool
    parameters: int | None
    exact_parameters: int | None
    parameter_use: str | None
    active_parameters: float | None = None
    is_repeated_size: bool = False
    cost_usd: tuple[float, float, float] | None = None
    is_published: bool = False
    is_inside_support: bool = False

    @property
    def populations(self) -> tuple[str, str]:
        return "all", "no_known_parent" if self.relation == "none" else "derived"

    @property
    def cluster(self) -> tuple[str, str]:
        """The publisher whose upload it is: a model without one is its own."""
        return ("model", self.key) if self.publisher is None else ("publisher", self.publisher)


def _models(
    listings: Sequence[Snapshot], seeds: Seeds, header_parameters: Mapping[str, int]
) -> list[Model]:
    identities = _identities(listings)
    models = {}
    for key, record in identities.newest.items():
        task = seeds.task(record.get("pipeline_tag"))
        relation = _relation(record)
        parameters, source = _parameters(record, header_parameters, seeds)
        listed = _listed_parameters(record, header_parameters)[0]
        models[key] = Model(
            key=key,
            record=record,
            month=_month(record),
            is_listed=key in identities.listed,
            publisher=_publisher(record),
            task=task,
            category=seeds.category(task),
            relation=relation,
            parents=_parents(key, record, identities.bearers),
            is_moe=_is_moe(record, seeds),
            parameters=parameters,
            exact_parameters=parameters if listed is None else listed,
            parameter_use=_parameter_use(record, parameters, source, relation, seeds),
        )
    _compare(models, seeds)
    for model in models.values():
        _cost(model, seeds)
    return list(models.values())


def _parents(key: str, record: Record, bearers: Mapping[str, str]) -> list[str]:
    """The models that it declares to be made from, of those ever seen."""
    names = {parent for _, parent in _declared(record)}
    return sorted({bearers[name] for name in names if name in bearers} - {key})


def _compare(models: Mapping[str, Model], seeds: Seeds) -> None:  # noqa: C901 - as methodology.md
    """Fill in what rests on other models: mixtures by parent, active parameters, repeated sizes."""
    own = {key for key, model in models.items() if model.is_moe}
    for model in models.values():
        model.is_moe = model.is_moe or not own.isdisjoint(model.parents)

    for model in models.values():
        model.active_parameters = _own_active(model, seeds)
    found = {key: model.active_parameters for key, model in models.items()}
    for model in models.values():
        if model.active_parameters is None and model.parameters is not None:
            known = {found[parent] for parent in model.parents} - {None}
            model.active_parameters = _only(known, model.parameters)

    by_size: dict[int, list[Model]] = defaultdict(list)
    for model in models.values():
        if model.exact_parameters is not None:
            by_size[model.exact_parameters].append(model)
    for same in by_size.values():
        mixtures = [model for model in same if model.is_moe]
        known = {model.active_parameters for model in mixtures} - {None}
        for model in mixtures:
            if model.active_parameters is None:
                model.active_parameters = _only(known, model.parameters)
        first = min(same, key=lambda m: (_created(m.record), m.key))
        for model in same:
            model.is_repeated_size = model is not first


def _created(record: Record) -> tuple[int, str]:
    """Orders records by creation; one without a date comes first."""
    text = record.get("createdAt")
    return (0, "") if text is None else (1, text)


def _only(known: set[Any], most: int | None) -> float | None:
    """The one value there is, where it is no more than the whole model."""
    if len(known) != 1 or most is None:
        return None
    (value,) = known
    return value if value <= most else None


def _own_active(model: Model, seeds: Seeds) -> float | None:
    if model.parameters is None:
        return None
    reported = seeds.reported_sizes.get(model.record["id"], {}).get("active_parameters")
    if reported and float(reported) <= model.parameters:
        return float(reported)
    if not model.is_moe:
        return float(model.parameters)
    if named := ACTIVE_NAME.search(_short_name(model.record)):
        value = float(named[1]) * {"b": 1e9, "m": 1e6}[named[2]]
        if value < model.parameters:
            return value
    return None


def _cost(model: Model, seeds: Seeds) -> None:
    if model.month is None or model.parameter_use != "counted":
        return
    if cost := _published_cost(model.record["id"], seeds):
        model.cost_usd, model.is_published, model.is_inside_support = cost, True, True
    elif model.parameters >= MIN_COSTED_PARAMETERS and model.active_parameters is not None:
        fit = seeds.fits.get(model.category, seeds.fits["default"])
        drawn = min(max(model.active_parameters, fit.support_low), fit.support_high)
        model.is_inside_support = drawn == model.active_parameters
        model.cost_usd = _estimated_cost(drawn, fit, model.month, seeds)


def _created_on(record: Record) -> date | None:
    text = record.get("createdAt")
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC).date()


def _month(record: Record) -> date | None:
    created = _created_on(record)
    return None if created is None or created <= LAST_CENSORED_DAY else created.replace(day=1)


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


def _short_name(record: Record) -> str:
    """The part after the slash, in lower case."""
    return record["id"].partition("/")[2].lower() or record["id"].lower()


def _declared(record: Record) -> Iterator[tuple[str, str]]:
    """Relations to a parent and the parent's name, as the owner declares them."""
    for value in _values(record, "base_model:"):
        relation, colon, parent = value.partition(":")
        if not (colon and relation in DECLARED_RELATIONS):
            relation, parent = "finetune", value
        if parent and parent != record["id"]:
            yield relation, parent


def _relation(record: Record) -> str:
    declared = {relation for relation, _ in _declared(record)}
    for relation in DECLARED_RELATIONS:
        if relation in declared:
            return relation

    tags, name = {tag.lower() for tag in _tags(record)}, record["id"].lower()
    library = (record.get("library_name") or "").lower()
    if library == "peft" or "lora" in tags:
        return "adapter"
    if QUANTIZED_NAME.search(name) or library == "mlx" or "mlx" in tags:
        return "quantized"
    if tags & QUANTIZED_TAGS and "safetensors" not in tags:
        return "quantized"
    if tags & MERGE_TAGS:
        return "merge"
    if tags & FINETUNE_TAGS or FINETUNE_NAME.search(name):
        return "finetune"
    return "none"


def _parameters(
    record: Record, header_parameters: Mapping[str, int], seeds: Seeds
) -> tuple[int | None, str | None]:
    """N and its ``parameter_source``."""
    if reported := seeds.reported_sizes.get(record["id"]):
        count = int(reported["total_parameters"])
        is_valid = MIN_PARAMETERS <= count <= MAX_PARAMETERS
        return (count, "reported") if is_valid else (None, "out_of_range")
    return _listed_parameters(record, header_parameters)


def _listed_parameters(
    record: Record, header_parameters: Mapping[str, int]
) -> tuple[int | None, str | None]:
    """N and its source by what the Hub counts in files."""
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
    record: Record, parameters: int | None, source: str | None, relation: str, seeds: Seeds
) -> str | None:
    if parameters is None:
        return None
    if relation in ("adapter", "quantized"):
        return relation
    has_run = record["id"] in seeds.published_runs
    if source in ("safetensors", "safetensors_total") and not has_run:
        by_dtype = record["safetensors"].get("parameters") or {}
        packed = sum(count for dtype, count in by_dtype.items() if dtype in PACKED_DTYPES)
        name = _short_name(record)
        # Over 5 %, in whole numbers.
        if packed * 20 > sum(by_dtype.values()) or PACKED_NAME.search(name):
            return "packed"
    return "counted"


def _is_moe(record: Record, seeds: Seeds) -> bool:
    """Tell whether the model itself says that it is a mixture of experts."""
    reported = seeds.reported_sizes.get(record["id"], {})
    tags, name = {tag.lower() for tag in _tags(record)}, _short_name(record)
    return (
        reported.get("is_mixture_of_experts") == "true"
        or not tags.isdisjoint(seeds.moe_types | MOE_WORDS)
        or ("llama4" in tags and "llama-4" in name)
        or MOE_NAME.search(name) is not None
    )


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
    active_parameters: float, fit: Fit, month: date, seeds: Seeds
) -> tuple[float, float, float]:
    x = math.log10(active_parameters / 1e9)
    t = min(_year_fraction(month), LAST_FITTED_TIME) - 2022
    dex = fit.a + fit.b * x + fit.c * t + fit.d * x * t + fit.e * x * x
    low_price, price, high_price = _compute_price(month, seeds)
    return (
        10 ** (dex + fit.residual_low_dex) / 1e21 * low_price,
        10**dex / 1e21 * price,
        10 ** (dex + fit.residual_high_dex) / 1e21 * high_price,
    )


def _deflator(month: date, seeds: Seeds) -> float:
    """Dollars of 2023 to a dollar of the month; flat outside the months that are known."""
    known = min(max(month, min(seeds.price_index)), max(seeds.price_index))
    base = [value for day, value in seeds.price_index.items() if day.year == 2023]
    return _mean(base) / seeds.price_index[known]


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


def _quantile(values: Sequence[float], share: float) -> float:
    """Interpolate as ``_percentile`` does, for any share from 0 to 1."""
    ordered = sorted(values)
    rank = share * (len(ordered) - 1)
    below, above = ordered[math.floor(rank)], ordered[math.ceil(rank)]
    return below + (above - below) * (rank - math.floor(rank))


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


def _clustered_error(values: Sequence[float], clusters: Sequence[Any]) -> float | None:
    """The standard error of a mean whose values come in clusters; None where there is one."""
    mean = _mean(values)
    by_cluster: dict[Any, list[float]] = defaultdict(list)
    for value, cluster in zip(values, clusters, strict=True):
        by_cluster[cluster].append(value - mean)
    g = len(by_cluster)
    if g < 2:
        return None
    squares = math.fsum(math.fsum(deviations) ** 2 for deviations in by_cluster.values())
    return math.sqrt(g / (g - 1) * squares) / len(values)


def _geometric_mean_interval(
    values: Sequence[float], clusters: Sequence[Any]
) -> tuple[float | None, float | None]:
    logs = [math.log(v) for v in values]
    error = _clustered_error(logs, clusters)
    if error is None:
        return None, None
    return math.exp(_mean(logs) - 1.96 * error), math.exp(_mean(logs) + 1.96 * error)


def _median_interval(
    values: Sequence[float], clusters: Sequence[Any]
) -> tuple[float | None, float | None]:
    """Woodruff's interval of the median."""
    middle = sorted(values)[math.ceil(len(values) / 2) - 1]
    error = _clustered_error([float(v <= middle) for v in values], clusters)
    if error is None:
        return None, None
    half = 1.96 * error
    return _quantile(values, max(0.0, 0.5 - half)), _quantile(values, min(1.0, 0.5 + half))


def _winsorised_mean(values: Sequence[float]) -> float:
    low, high = _percentile(values, 1), _percentile(values, 99)
    return _mean([min(max(v, low), high) for v in values])


def _suppression_reason(values: int, coverage: float) -> str | None:
    if values < MIN_VALUES:
        return "too_few"
    return "low_coverage" if coverage < MIN_COVERAGE else None


def _status(
    is_complete: bool, reason: str | None, is_low_reliability: bool | None, ordinary: str
) -> Row:
    if reason:
        status = "Q"
    elif not is_complete:
        status = "P"
    else:
        status = "U" if is_low_reliability else ordinary
    return {
        "is_suppressed": reason is not None,
        "suppression_reason": reason,
        "is_low_reliability": None if reason else is_low_reliability,
        "observation_status": status,
    }


def _is_low_reliability(
    publishers: int, interval: tuple[float | None, float | None], population: str, first: int
) -> bool:
    low, high = interval
    is_wide = low is not None and high > MAX_INTERVAL_RATIO * low
    is_copied = population == "no_known_parent" and first < MIN_VALUES
    return publishers < MIN_PUBLISHERS or is_wide or is_copied


def _publishers(models: Sequence[Model]) -> int:
    return len({m.cluster for m in models})


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


def _headline_population(month: date) -> str:
    """Say which models the figure to quote is about."""
    return "all" if month < FIRST_RELIABLE_MONTH else "no_known_parent"


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
            "is_headline": scope == "all" and population == _headline_population(month),
            "is_complete_month": _is_complete(month, snapshot_date),
        }
        tail = {"snapshot_date": snapshot_date}
        marts["average_model_parameters"].append(head | _parameter_statistics(cell, head) | tail)
        costs = _cost_statistics(cell, head, seeds)
        marts["average_training_costs"].append(head | costs | tail)
        marts["training_cost_per_million_parameters"].append(
            head | _cost_per_million(cell, head, costs, seeds) | tail
        )
    return dict(marts)


def _parameter_statistics(cell: Sequence[Model], head: Row) -> Row:
    models = [m for m in cell if m.parameter_use == "counted"]
    counted, clusters = [m.parameters for m in models], [m.cluster for m in models]
    first = [m.parameters for m in models if not m.is_repeated_size]
    valid = [m.parameters for m in cell if m.parameters is not None]
    coverage = len(counted) / len(cell)
    reason = _suppression_reason(len(counted), coverage)

    def shown(statistic: Callable[[Sequence[float]], Any]) -> Any:
        return None if reason else statistic(counted)

    geometric_interval = shown(lambda v: _geometric_mean_interval(v, clusters)) or (None, None)
    interval = shown(lambda v: _median_interval(v, clusters)) or (None, None)
    has_first = not reason and len(first) >= MIN_VALUES
    publishers = _publishers(models)
    is_low = _is_low_reliability(publishers, interval, head["population"], len(first))
    return {
        "new_models": len(cell),
        "models_with_parameters": len(counted),
        "coverage": coverage,
        "publishers": publishers,
        "share_repeated_size": shown(lambda v: (len(v) - len(first)) / len(v)),
        "mean_parameters": shown(_mean),
        "median_parameters": shown(lambda v: _percentile(v, 50)),
        "median_parameters_ci_low": interval[0],
        "median_parameters_ci_high": interval[1],
        "geometric_mean_parameters": shown(_geometric_mean),
        "geometric_mean_ci_low": geometric_interval[0],
        "geometric_mean_ci_high": geometric_interval[1],
        "winsorised_mean_parameters": shown(_winsorised_mean),
        "p10_parameters": shown(lambda v: _percentile(v, 10)),
        "p25_parameters": shown(lambda v: _percentile(v, 25)),
        "p75_parameters": shown(lambda v: _percentile(v, 75)),
        "p90_parameters": shown(lambda v: _percentile(v, 90)),
        "models_first_of_size": len(first),
        "median_parameters_first_of_size": _percentile(first, 50) if has_first else None,
        "mean_parameters_first_of_size": _mean(first) if has_first else None,
        # It has values of its own, and so its own limit: the row's does not apply.
        "raw_mean_parameters": _mean(valid) if len(valid) >= MIN_VALUES else None,
        **_status(head["is_complete_month"], reason, is_low, "A"),
    }


def _cost_statistics(cell: Sequence[Model], head: Row, seeds: Seeds) -> Row:
    counted = [m for m in cell if m.parameter_use == "counted"]
    costed = [m for m in counted if m.cost_usd]
    inside = [m for m in costed if m.is_inside_support]
    first = [m for m in costed if not m.is_repeated_size]
    first_inside = [m for m in first if m.is_inside_support]
    reason = _suppression_reason(len(costed), len(counted) / len(cell))
    clusters = [m.cluster for m in costed]
    interval: tuple[float | None, float | None] = (None, None)
    if not reason:
        interval = _median_interval([m.cost_usd[1] for m in costed], clusters)
    row: Row = {
        "new_models": len(cell),
        "models_with_cost": len(costed),
        "coverage": len(costed) / len(cell),
        "models_outside_support": len(costed) - len(inside),
        "models_active_unknown": sum(
            not m.cost_usd and m.parameters >= MIN_COSTED_PARAMETERS and m.active_parameters is None
            for m in counted
        ),
        "publishers": _publishers(costed),
        "share_repeated_size": None if reason else _share(m.is_repeated_size for m in costed),
        "median_cost_usd_central_ci_low": interval[0],
        "median_cost_usd_central_ci_high": interval[1],
        "models_first_of_size": len(first),
        "usd_2023_per_usd": _deflator(head["month"], seeds),
        "share_published": None if reason else _share(m.is_published for m in costed),
        "share_moe": None if reason else _share(m.is_moe for m in counted),
        "is_extrapolated": head["month"] >= FIRST_EXTRAPOLATED_MONTH,
    }
    # Each statistic with the models that it runs over, and how many of them it needs.
    statistics: dict[str, tuple[Callable[[Sequence[float]], float], Sequence[Model], int]] = {
        "mean_cost_usd": (_mean, inside, MIN_VALUES),
        "median_cost_usd": (lambda v: _percentile(v, 50), costed, 1),
        "geometric_mean_cost_usd": (_geometric_mean, inside, MIN_VALUES),
        "median_cost_first_of_size_usd": (lambda v: _percentile(v, 50), first, MIN_VALUES),
        "total_cost_first_of_size_usd": (math.fsum, first_inside, MIN_VALUES),
    }
    for name, (statistic, models, needed) in statistics.items():
        for i, bound in enumerate(BOUNDS):
            is_shown = not reason and len(models) >= needed
            row[f"{name}_{bound}"] = (
                statistic([m.cost_usd[i] for m in models]) if is_shown else None
            )
    is_low = _is_low_reliability(row["publishers"], interval, head["population"], len(first))
    return row | _status(head["is_complete_month"], reason, is_low, "E")


def _share(flags: Iterable[bool]) -> float:
    flags = list(flags)
    return sum(flags) / len(flags)


def _cost_per_million(cell: Sequence[Model], head: Row, costs: Row, seeds: Seeds) -> Row:
    costed = [m for m in cell if m.cost_usd]
    inside = [m for m in costed if m.is_inside_support]
    first = [m for m in inside if not m.is_repeated_size]

    def ratio(models: Sequence[Model], i: int) -> float | None:
        if costs["is_suppressed"] or len(models) < MIN_VALUES:
            return None
        return math.fsum(m.cost_usd[i] for m in models) / (sum(m.parameters for m in models) / 1e6)

    row: Row = {"models_with_cost": len(costed)}
    for i, bound in enumerate(BOUNDS):
        row[f"cost_per_million_usd_{bound}"] = ratio(inside, i)
        row[f"cost_per_million_first_of_size_usd_{bound}"] = ratio(first, i)
        row[f"median_cost_per_million_usd_{bound}"] = (
            None
            if costs["is_suppressed"]
            else _percentile([m.cost_usd[i] / (m.parameters / 1e6) for m in costed], 50)
        )
        price = _compute_price(head["month"], seeds)[i]
        row[f"constant_recipe_usd_{bound}"] = CONSTANT_RECIPE_FLOP / 1e21 * price
    return row | {name: costs[name] for name in ("is_extrapolated", *_STATUS)}


def _new_models(
    models: Sequence[Model], snapshot_date: date, lives: Sequence[Life], whole: Sequence[date]
) -> list[Row]:
    rows = []
    ages = survival_by_age(lives, whole)
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
            counters = [m.record.get("downloadsAllTime") for m in new if m.is_listed]
            known = [counter for counter in counters if counter is not None]
            is_known = len(known) >= MIN_SHARE_WITH_COUNTER * len(counters)
            rows.append(
                {
                    "month": month,
                    "population": population,
                    "is_relation_reliable": month >= FIRST_RELIABLE_MONTH,
                    "is_complete_month": is_complete,
                    "new_models": len(new),
                    "listed_models": listed,
                    "removed_models": len(new) - listed,
                    "models_ever_downloaded": sum(n >= 1 for n in known) if is_known else None,
                    "cumulative_models": cumulative,
                    "new_models_year_before": year_before,
                    "year_over_year_change": (
                        len(new) / year_before - 1 if year_before and is_complete else None
                    ),
                    "publishers": len(publishers),
                    "top_publisher": top,
                    "top_publisher_share": None if top is None else publishers[top] / len(new),
                    "estimated_births": (survived := survival_of_month(month, ages, whole))
                    and len(new) / survived,
                    "observation_status": "A" if is_complete else "P",
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
                    "observation_status": "A" if _is_complete(month, snapshot_date) else "P",
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
            "observation_status": "A",
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
                "observation_status": "A",
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
