"""Concentration, regions and usage in plain Python, from docs/methodology.md alone.

Months, downloads and who is listed are those of ``flows_reference``; the SQL has no part in it.
"""

import csv
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from tests.warehouse.flows_reference import History, Key, Row, Snapshot, next_month

SEEDS = Path(__file__).parents[2] / "seeds"
OPEN = ("unknown", "distributed")
FIRST_DATED = datetime(2022, 3, 3)
BANDS = (
    *((100e9, "100b_and_more"), (35e9, "35b_to_100b"), (10e9, "10b_to_35b")),
    *((4e9, "4b_to_10b"), (1e9, "1b_to_4b"), (0, "under_1b")),
)


class Said(NamedTuple):
    """An owner's words on a model, as the listing has them."""

    pipeline_tag: str | None
    library_name: str | None
    tags: list[str]


class Facts(NamedTuple):
    """Effective parameters and families by model, which other tables define."""

    sizes: Mapping[Key, int]
    families: Mapping[Key, Mapping[Key, float]]


def seed(name: str, key: str, value: str) -> dict[str, str]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row[key]: row[value] for row in csv.DictReader(file)}


def said_of(name: str) -> Said:
    """An owner's words on a model of a made-up history, by its name."""
    number = sum(map(ord, name))
    licences = ("mit", "gpl-3.0", "llama3", "my-own", "cc-by-nc-4.0")
    tags = ["pytorch", f"license:{licences[number % 5]}"]
    if number % 6 == 0:
        tags.pop()
    tags += [[], ["en"], ["EN", "fra"], ["tf", "zh", "deu", "de"], ["multilingual"]][number % 5]
    if number % 4 < 2:
        relation = ("quantized:", "")[number % 4]
        tags += [f"base_model:{relation}someone/models-{n}" for n in (4, 8, 40)[: 1 + number % 3]]
    tasks = (None, "text-generation", "text2text-generation", "image-classification", "odd-task")
    return Said(tasks[number % 5], (None, "transformers", "timm")[number % 3], tags)


class Usage:
    """The three tables of one kind."""

    def __init__(self, kind: str, snapshots: Sequence[Snapshot], facts: Facts) -> None:
        ordered = sorted(snapshots, key=lambda snapshot: snapshot.day)
        fresh = [Snapshot(s.day, s.rows, s.is_frozen) for s in ordered]
        self.history, self.kind, self.facts = History(fresh), kind, facts
        self.names: dict[Key, str] = {}
        self.created: dict[Key, datetime | None] = {}
        for snapshot in self.history.all:
            for key, listed in snapshot.by_key.items():
                self.names[key], self.created[key] = listed.name, listed.created_at
        # What a model is goes by the newest holder of its name.
        holders: dict[str, list[tuple]] = defaultdict(list)
        for key in self.names:
            name = self.names[key] if kind == "models" else key
            last = max(s.day for s in self.history.all if key in s.by_key)
            holders[name].append((last, self.created[key] or FIRST_DATED, key))
        self.heirs = {one[2]: max(same)[2] for same in holders.values() for one in same}
        self.months = [first := self.history.all[0].day.replace(day=1)]
        while (first := next_month(first)) <= self.history.all[-1].day:
            self.months.append(first)
        self.regions = seed("publishers", "publisher", "region")
        self.regions |= seed("synthetic_publishers", "publisher", "region")

    def downloads(self, month: date) -> dict[Key, float]:
        flows = self.history.flows(month)[0]
        return {self.history.unit(key): flow[0] for key, flow in flows.items() if flow[0]}

    def publisher(self, key: Key) -> str:
        before, slash, _ = self.names[key].partition("/")
        return before if slash else f"/{key}"

    def region(self, key: Key) -> str:
        return self.regions.get(self.publisher(key), "unknown")

    def units(self, unit: str, key: Key) -> dict[str, float]:
        """The units that a repository is of, with how much of it."""
        if unit == "family":
            return dict(self.facts.families[self.heirs[key]])
        return {key if unit == "repository" else self.publisher(key): 1.0}

    def download_concentration(self) -> dict[tuple, Row]:
        units = ("repository", "publisher", "family")[: 3 if self.kind == "models" else 2]
        return {
            (month, unit): self._concentration_of(month, unit)
            for month in self.months
            for unit in units
        }

    def _concentration_of(self, month: date, unit: str) -> Row:
        if (basis := self.history.basis(month)) is None:
            return dict.fromkeys(("units", "active_units", "downloads", "hhi", "gini_all"))
        flows, there = self.downloads(month), self.history.listed(basis[2], next_month(month))
        amounts: dict[str, float] = defaultdict(float)
        for key, amount in flows.items():
            for name, part in self.units(unit, key).items():
                amounts[name] += amount * part
        every = {name for key in flows.keys() | there for name in self.units(unit, key)}
        return concentration(list(amounts.values()), len(every))

    def downloads_by_region(self) -> dict[tuple, Row]:
        table = {}
        for month in self.months:
            flows = self.downloads(month) if self.history.basis(month) else None
            amounts: dict[str, float] = defaultdict(float)
            publishers = defaultdict(set)
            for key, amount in (flows or {}).items():
                amounts[self.region(key)] += amount
                publishers[self.region(key)] |= {self.publisher(key)} - {f"/{key}"}
            total = math.fsum(amounts.values())
            unplaced = math.fsum(amounts[name] for name in OPEN)
            made = Counter(self.region(key) for key in self.created_in(month))
            for region in seed("regions", "region", "region"):
                own = amounts[region]
                shares = (own, own + (0 if region in OPEN else unplaced))
                table[month, region] = {
                    "publishers": None if flows is None else len(publishers[region]),
                    "downloads": None if flows is None else own,
                    "share_low": shares[0] / total if total else None,
                    "share_high": shares[1] / total if total else None,
                    "share_of_located": own / (total - unplaced)
                    if region not in OPEN and total > unplaced
                    else None,
                    "new_repositories": made[region],
                }
        return table

    def created_in(self, month: date) -> Iterable[Key]:
        """Models that have a name of their own; datasets that no other key continues."""
        own = {key: self.history.unit(key) for key in self.names}
        if self.kind == "models":
            own = self.heirs
        return (
            key
            for key, created in self.created.items()
            if own[key] == key
            and created
            and created >= FIRST_DATED
            and created.date().replace(day=1) == month
        )

    def usage_by_month(self) -> dict[tuple, Row]:
        table: dict[tuple, Row] = {}
        for month in self.months:
            if self.history.basis(month) is None:
                continue
            flows = self.downloads(month)
            total = math.fsum(flows.values())
            sums: dict[tuple, list[float]] = defaultdict(lambda: [0.0, 0.0])
            for key, amount in flows.items():
                for dimension, value, part in self.values(key):
                    sums[month, dimension, value][0] += part
                    sums[month, dimension, value][1] += part * amount
            for place, (models, amount) in sums.items():
                table[place] = {
                    "models": models,
                    "downloads": amount,
                    "share_of_models": models / len(flows),
                    "share_of_downloads": amount / total,
                }
        return table

    def values(self, key: Key) -> list[tuple[str, str, float]]:
        """Dimension, value and part of a model."""
        said, size = said_of(self.names[key]), self.facts.sizes.get(self.heirs[key])
        created, tag = self.created[self.heirs[key]], said.pipeline_tag
        categories = seed("tasks", "task_id", "category")
        licences = [t.removeprefix("license:") for t in said.tags if t.startswith("license:")]
        parents = [t.removeprefix("base_model:") for t in said.tags if t.startswith("base_model:")]
        parents = [t for t in parents if not t.endswith(self.names[key])]
        classes = seed("licence_classes", "licence_id", "licence_class")
        old = created is None or created < FIRST_DATED
        found = languages(said.tags) or {"not-declared"}
        relation = "quantized" if any("quantized:" in t for t in parents) else "finetune"
        return [
            ("category", categories.get(tag, "other") if tag else "not-declared", 1),
            ("task", tag or "not-declared", 1),
            ("relation", relation if parents else "none", 1),
            ("size_band", next((b for n, b in BANDS if size and size >= n), "not-known"), 1),
            ("year_created", "before-2022-03" if old else str(created.year), 1),
            ("library", said.library_name or "not-declared", 1),
            ("licence_class", classes.get(licences[0], "other") if licences else "none", 1),
            *(("model_language", language, 1 / len(found)) for language in found),
        ]


def languages(tags: Iterable[str]) -> set[str]:
    """The languages that a model's tags name."""
    canonical = seed("language_normalisation", "raw_code", "canonical_code")
    known = {code for code in seed("languages", "language", "language") if len(code) == 2}
    codes = {canonical.get(tag.lower(), tag.lower()) for tag in tags}
    return codes & (known | {canonical[t.lower()] for t in tags if t.lower() in canonical})


def concentration(amounts: Sequence[float], units: int) -> Row:
    """The measures of one month and unit, each by its textbook definition."""
    ordered, total = sorted(amounts, reverse=True), math.fsum(amounts)
    shares = [amount / total for amount in ordered]
    hhi = math.fsum(share**2 for share in shares) if shares else None
    one_percent = -(-len(shares) // 100)
    tops = {f"top_{n}_share": n for n in (10, 100, 1000)} | {"top_1_percent_share": one_percent}
    return {
        "units": units,
        "active_units": len(shares),
        "downloads": total,
        **{name: math.fsum(shares[:n]) if shares else None for name, n in tops.items()},
        "hhi": hhi,
        "effective_number": 1 / hhi if hhi else None,
        "gini_active": gini(amounts) if shares else None,
        "gini_all": gini([*amounts, *[0.0] * (units - len(shares))]) if shares else None,
    }


def gini(amounts: Sequence[float]) -> float:
    """2 Σ i·x / (n Σ x) - (n + 1)/n, the smallest having rank 1."""
    n, ordered = len(amounts), sorted(amounts)
    weighted = math.fsum(rank * amount for rank, amount in enumerate(ordered, start=1))
    return 2 * weighted / (n * math.fsum(ordered)) - (n + 1) / n
