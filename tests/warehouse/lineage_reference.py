"""Lineage in plain Python, from docs/methodology.md alone: no SQL and no shared code.

It goes from model to model, parents first or children first, and keeps fractions as fractions; the
warehouse knows all pairs of a model and an ancestor, and doubles how far it looks.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from tests.warehouse import builds
from tests.warehouse.parity import differences
from tests.warehouse.reference import Snapshot

Key = str
Row = dict[str, Any]
Record = Mapping[str, Any]

RELATIONS = ("adapter", "quantized", "merge", "finetune")  # of several, the first
PLURALS = {"adapter": "adapters", "finetune": "finetunes", "merge": "merges"}
LAST_CENSORED_DAY = date(2022, 3, 2)


class Lineage:
    """The parents and children of all models that were ever seen.

    Attributes:
        models: the newest record of each model, by its key.
        outcomes: what became of each declared name, by model and name: a pair of an outcome and a
            parent's key.
        edges: the relation to each parent, by child and parent.
    """

    def __init__(self, snapshots: Sequence[Snapshot]) -> None:
        """Take the listings of models, in any order."""
        listings = sorted(
            (s for s in snapshots if s.kind == "models"), key=lambda s: s.snapshot_date
        )
        newest: dict[Key, tuple[date, Record]] = {}
        for listing in listings:
            for record in listing.records:
                newest[record["_id"]] = (listing.snapshot_date, record)
        holders: dict[str, list[Key]] = defaultdict(list)
        for key, (_, record) in newest.items():
            holders[record["id"]].append(key)
        model_of = {
            key: max(keys, key=lambda k: (newest[k][0], created(newest[k][1]), k))
            for keys in holders.values()
            for key in keys
        }
        self.models = {key: newest[key][1] for key in set(model_of.values())}
        self._last_day = listings[-1].snapshot_date
        self._listed = {key for key in self.models if newest[key][0] == self._last_day}
        self._names: dict[str, dict[Key, date]] = defaultdict(dict)
        for listing in listings:
            for record in listing.records:
                self._names[record["id"]][model_of[record["_id"]]] = listing.snapshot_date
        self._declared = {key: declared(record) for key, record in self.models.items()}
        self.outcomes = dict(self._outcomes())
        self.edges: dict[tuple[Key, Key], str] = {}
        for (child, name), (_, parent) in self.outcomes.items():
            if parent is not None:
                relations = (self._declared[child][name], self.edges.get((child, parent)))
                self.edges[child, parent] = min(filter(None, relations), key=RELATIONS.index)
        self._parents: dict[Key, list[Key]] = {key: [] for key in self.models}
        self._children: dict[Key, list[Key]] = {key: [] for key in self.models}
        for child, parent in self.edges:
            self._parents[child].append(parent)
            self._children[parent].append(child)

    def _outcomes(self) -> Iterator[tuple[tuple[Key, str], tuple[str, Key | None]]]:
        for child, names in self._declared.items():
            for name in names:
                yield (child, name), self._outcome(child, name)

    def _outcome(self, child: Key, name: str) -> tuple[str, Key | None]:
        holders = self._names.get(name, {})
        if child in holders:
            return "own_name", None
        if not holders:
            return "unresolved", None
        earlier = [key for key in holders if self._age(key) < self._age(child)]
        fits = earlier or [key for key in holders if not self._names_a_parent(key)]
        if not fits:
            return "out_of_order", None
        return "edge", max(fits, key=lambda key: (holders[key], *self._age(key)))

    def _age(self, key: Key) -> tuple[tuple[bool, str], Key]:
        return created(self.models[key]), key

    def _names_a_parent(self, key: Key) -> bool:
        return any(
            self._names.get(name) and key not in self._names[name] for name in self._declared[key]
        )

    def _downloads(self, key: Key) -> int:
        return (self.models[key].get("downloads") or 0) if key in self._listed else 0

    def families(self) -> Iterator[Row]:
        """The rows of int_model_families."""
        shares: dict[Key, dict[Key, Fraction]] = {}
        for key in TopologicalSorter(self._parents).static_order():
            parents = self._parents[key]
            shares[key] = defaultdict(Fraction, {} if parents else {key: Fraction(1)})
            for parent in parents:
                for root, share in shares[parent].items():
                    shares[key][root] += share / len(parents)
            for root, share in shares[key].items():
                yield {"model_key": key, "root_key": root, "fraction": float(share)}

    def reach(self) -> list[Row]:
        """The rows of int_model_reach."""
        found: dict[Key, tuple[Fraction, int, Fraction]] = {}
        for key in TopologicalSorter(self._children).static_order():
            descendants, depth, downloads = Fraction(0), 0, Fraction(self._downloads(key))
            for child in self._children[key]:
                share = Fraction(1, len(self._parents[child]))
                below = found[child]
                descendants += share * (1 + below[0])
                depth = max(depth, 1 + below[1])
                downloads += share * below[2]
            found[key] = descendants, depth, downloads
        return [
            {
                "model_key": key,
                "is_root": not self._parents[key],
                "downloads": self._downloads(key),
                "descendants": float(descendants),
                "depth": depth,
                "reach_downloads": float(downloads),
            }
            for key, (descendants, depth, downloads) in found.items()
        ]

    def base_models(self, regions: Mapping[str, str]) -> list[Row]:
        """The rows of base_models, without sizes and what is the same in each row.

        Args:
            regions: by publisher.
        """
        downloads, rows = sum(map(self._downloads, self.models)), []
        for row in self.reach():
            key, record = row["model_key"], self.models[row["model_key"]]
            if not self._children[key]:
                continue
            relations = Counter(self.edges[child, key] for child in self._children[key])
            publisher = record.get("author") or record["id"].rpartition("/")[0] or None
            rows.append(
                {name: row[name] for name in row if name != "is_root"}
                | {PLURALS.get(name, name): relations[name] for name in RELATIONS}
                | {
                    "model_id": record["id"],
                    "publisher": publisher,
                    "region": regions.get(publisher or "", "unknown"),
                    "is_listed": key in self._listed,
                    "children": len(self._children[key]),
                    "share_of_all_reach": row["reach_downloads"] / downloads,
                    "licence": licence(record),
                }
            )
        return rows

    def licence_transitions(self, classes: Mapping[str, str]) -> list[Row]:
        """The rows of licence_transitions, without what is the same in each row.

        Args:
            classes: of licences, by the licence.
        """
        cells, parents_edges = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
        for (child, parent), relation in self.edges.items():
            day = created(self.models[child])[1][:10]
            year = day[:4] if day > str(LAST_CENSORED_DAY) else "before-2022-03"
            above, below = (
                classes.get(named, "other") if (named := licence(self.models[key])) else "none"
                for key in (parent, child)
            )
            cells[year, relation, above, below] += 1
            parents_edges[year, relation, above] += 1
        return [
            {
                "year": cell[0],
                "relation": cell[1],
                "parent_licence_class": cell[2],
                "child_licence_class": cell[3],
                "edges": edges,
                "share_of_parents_edges": edges / parents_edges[cell[:3]],
                "observation_status": "A" if parents_edges[cell[:3]] >= 30 else "U",
            }
            for cell, edges in cells.items()
        ]


def created(record: Record) -> tuple[bool, str]:
    """The time of creation, to compare: what has none is the oldest."""
    at = record.get("createdAt")
    return at is not None, datetime.fromisoformat(at).isoformat() if at else ""


def declared(record: Record) -> dict[str, str]:
    """The relation to each parent that a record names, by the parent's name."""
    names: dict[str, str] = {}
    for tag in record.get("tags") or []:
        if not tag.startswith("base_model:"):
            continue
        name = tag.removeprefix("base_model:")
        relation, colon, rest = name.partition(":")
        if colon and relation in RELATIONS:
            name = rest
        else:
            relation = "finetune"
        if name:
            names[name] = min(relation, names.get(name, relation), key=RELATIONS.index)
    return names


def licence(record: Record) -> str | None:
    """The first licence that a record names."""
    named = (tag[8:] for tag in record.get("tags") or [] if tag.startswith("license:"))
    return next(filter(None, named), None)


def lineage_differences(
    lineage: Lineage, database: Path, left_out: Sequence[str] = ()
) -> dict[str, list[str]]:
    """Say what the warehouse has otherwise than the computation, by table.

    Args:
        lineage: the computation.
        database: a DuckDB file that was built from the same listings.
        left_out: columns that are not compared.
    """
    regions = read_seed("publishers", "publisher", "region")
    classes = read_seed("licence_classes", "licence_id", "licence_class")
    expected: dict[str, list[Row]] = {
        "intermediate.int_parent_name_outcomes": [
            {"model_key": key, "parent_name": name, "outcome": outcome, "parent_key": parent}
            for (key, name), (outcome, parent) in lineage.outcomes.items()
        ],
        "intermediate.int_model_families": list(lineage.families()),
        "intermediate.int_model_reach": lineage.reach(),
        "ecosystem.base_models": lineage.base_models(regions),
        "ecosystem.licence_transitions": lineage.licence_transitions(classes),
    }
    found = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        for table, rows in expected.items():
            columns = [column for column in rows[0] if column not in left_out]
            actual = builds.rows(connection, f"(select {', '.join(columns)} from {table})")
            wanted = [{column: row[column] for column in columns} for row in rows]
            found[table] = differences(wanted, actual)[:5]
    return {table: messages for table, messages in found.items() if messages}


def read_seed(name: str, key: str, value: str) -> dict[str, str]:
    with (builds.ROOT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row[key]: row[value] for row in csv.DictReader(file)}
