"""Estimate what a month's build reads on BigQuery, and its cost: ``python -m tools.bytes_read``.

BigQuery bills the bytes of the columns that a query reads, whole partitions at a time. Without a
project to ask, both come from a build on DuckDB: the columns from the SQL in its manifest,
followed through the views down to the tables; rows and widths from its database, carried on to a
Hub of full size and to all months. With ``--first`` it is the first build, over all of them. A
database of one snapshot has no flows, and nothing that is no longer listed, or listed under another
name: that is left out. With a project at hand, `make dry-run` has BigQuery itself say it.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from tools.dry_run import LEAST_BILLED, USD_PER_TIB

FULL_SIZE = {"models": 3_000_000, "datasets": 1_000_000}
MONTHS = 27
# Snapshots of a listing that a build reads for a new one, by a column that says what a row was made
# from: itself, its neighbours on one side or both, or those around both ends of the two months that
# it bounds.
_READS = {"read_from": 4, "next_snapshot_date": 3, "previous_snapshot_date": 2}

# What BigQuery counts for a value; a text is its bytes and 2 more, a null nothing.
_WIDTHS = {"BIGINT": 8, "HUGEINT": 8, "INTEGER": 8, "DOUBLE": 8, "BOOLEAN": 1, "DATE": 8}
_WIDTHS |= {"TIMESTAMP": 8, "TIMESTAMP WITH TIME ZONE": 8}
# A table with fewer rows than this part of a listing does not grow with it.
_LEAST_PART = 0.02

# In the hook of a model that keeps what it made of each snapshot.
_KEPT = "delete_outdated_snapshots"

Node = dict[str, Any]  # of the manifest


def _width(column: str, kind: str) -> int | str:
    """Bytes of a value: a number, or for a text the expression that gives it."""
    return _WIDTHS.get(kind, f'octet_length(encode("{column}")) + 2')


@dataclass(frozen=True)
class Reading:
    """The bytes that one statement reads of one table.

    Attributes:
        months: partitions of a listing that are read; None for a table without partitions.
    """

    table: str
    months: int | None
    bytes: float

    @property
    def billed(self) -> float:
        """The same, with what is billed at least for each table."""
        return max(self.bytes, LEAST_BILLED)


class Estimate:
    """The statements of one build on DuckDB, carried on to a Hub of full size.

    Args:
        manifest: of the build, with the SQL of its models and tests.
        database: the file that it made.
        is_first: estimate the first build over all months, and not that of a month more.

    Raises:
        duckdb.Error: the file is not the database of a build.
    """

    def __init__(self, manifest: Node, database: Path, is_first: bool = False) -> None:
        self._is_first = is_first
        self._nodes = manifest["nodes"] | manifest["sources"]
        self._database = duckdb.connect(str(database), read_only=True)
        rows = self._database.execute(
            "select table_schema, table_name, list({'name': column_name, 'type': data_type})"
            " from information_schema.columns group by all"
        ).fetchall()
        self._columns = {
            (schema, table): {column["name"]: column["type"] for column in columns}
            for schema, table, columns in rows
        }

    def statements(self, resource_type: str) -> list[Node]:
        """Models that are tables, or data tests, by name."""
        found = [
            node
            for node in self._nodes.values()
            if node["resource_type"] == resource_type
            and node.get("compiled_code")
            and node["config"]["materialized"] not in ("view", "ephemeral")
        ]
        return sorted(found, key=lambda node: str(node["name"]))

    def readings(self, node: Node) -> list[Reading]:
        """Tables that a statement reads, and how much of each."""
        found: dict[tuple[str, str], set[str]] = {}
        for scope in traverse_scope(self._resolved(node["compiled_code"])):
            for alias, source in scope.sources.items():
                if isinstance(source, exp.Table) and (source.db, source.name) in self._columns:
                    names = {column.name for column in scope.source_columns(alias)}
                    found.setdefault((source.db, source.name), set()).update(names)
        return [
            Reading(
                table[1], months := self._months(node, table), self._bytes(table, names, months)
            )
            for table, names in sorted(found.items())
        ]

    def _resolved(self, sql: str) -> exp.Expr:
        """The query with its views in place, each column of a table named where it is read."""
        query = self._inlined(sqlglot.parse_one(sql, read="duckdb"))
        nested: dict[str, Any] = {}
        for (schema, table), columns in self._columns.items():
            nested.setdefault(schema, {})[table] = columns
        query = qualify(query, schema=nested, dialect="duckdb", validate_qualify_columns=False)
        return pushdown_projections(query, schema=nested, dialect="duckdb")

    def _inlined(self, query: exp.Expr) -> exp.Expr:
        def inline(node: exp.Expr) -> exp.Expr:
            if not isinstance(node, exp.Table) or not node.db:
                return node
            if (node.db, node.name) in self._views:
                view = sqlglot.parse_one(self._views[node.db, node.name], read="duckdb")
                alias = exp.TableAlias(this=exp.to_identifier(node.alias_or_name))
                return exp.Subquery(this=self._inlined(view), alias=alias)
            node.set("catalog", None)
            return node

        return query.transform(inline)

    @cached_property
    def _views(self) -> dict[tuple[str, str], str]:
        return {
            (node["schema"], node["alias"]): node["compiled_code"]
            for node in self._nodes.values()
            if node["resource_type"] == "model" and node["config"]["materialized"] == "view"
        }

    def _months(self, node: Node, table: tuple[str, str]) -> int | None:
        """Months of a listing that a build reads: of a new one, and of those beside it."""
        if table[1] not in FULL_SIZE:
            return None
        if node["resource_type"] == "test":
            return MONTHS
        hooks = json.dumps(node["config"].get("pre-hook", []))
        months = next((reads for column, reads in _READS.items() if column in hooks), 1)
        return months * MONTHS if self._is_first and _KEPT in hooks else months

    def _bytes(self, table: tuple[str, str], columns: set[str], months: int | None) -> float:
        schema, name = table
        each = [
            f'coalesce(sum(case when "{column}" is not null then {_width(column, kind)} end), 0)'
            for column, kind in self._columns[table].items()
            if column in columns
        ]
        query = f'select count(*), {" + ".join(each) or "0"} from "{schema}"."{name}"'
        if months is not None:  # a listing, of which the newest stands for each
            query += f' where snapshot_date = (select max(snapshot_date) from "{schema}"."{name}")'
        rows, size = self._database.execute(query).fetchone() or (0, 0)
        return float(size) * self._scale(table, rows) * (months or 1)

    def _scale(self, table: tuple[str, str], rows: int) -> float:
        """Times that a table is larger at full size; 1 for one that does not grow with the Hub.

        One that is kept by snapshot, or has a row for each as the first sentence of its description
        says, has all months. Sets of tags grow slower than the datasets that have them: for these
        it is a bound.
        """
        kind = "datasets" if "dataset" in table[1] else "models"
        if rows < _LEAST_PART * self._listed[kind]:
            return 1.0
        node = self._by_relation.get(table)
        grain = node["description"].partition(".")[0].lower() if node else ""
        hooks = json.dumps(node["config"].get("pre-hook", [])) if node else ""
        is_kept = "per snapshot" in grain or _KEPT in hooks
        return FULL_SIZE[kind] / self._listed[kind] * (MONTHS / self._months_held if is_kept else 1)

    @cached_property
    def _months_held(self) -> int:
        (months,) = self._database.execute(
            f'select count(distinct snapshot_date) from "{self._raw_schema}"."models"'
        ).fetchone() or (1,)
        return max(1, int(months))

    @cached_property
    def _raw_schema(self) -> str:
        return str(
            next(n["schema"] for n in self._nodes.values() if n["resource_type"] == "source")
        )

    @cached_property
    def _listed(self) -> dict[str, int]:
        """The repositories of the newest snapshot, by kind."""
        newest = (
            'select count(*) from "{schema}"."{kind}"'
            ' where snapshot_date = (select max(snapshot_date) from "{schema}"."{kind}")'
        )
        return {
            kind: (
                self._database.execute(newest.format(schema=self._raw_schema, kind=kind)).fetchone()
                or (0,)
            )[0]
            for kind in FULL_SIZE
        }

    @cached_property
    def _by_relation(self) -> dict[tuple[str, str], Node]:
        return {
            (node["schema"], node["alias"]): node
            for node in self._nodes.values()
            if node["resource_type"] == "model"
        }


def report(estimate: Estimate) -> str:
    """The estimate as a table in Markdown: each model, their sum, and that of the data tests."""
    lines = ["| model | reads | months of it | GB | USD |", "|---|---|---|---:|---:|"]
    total = 0.0
    for node in estimate.statements("model"):
        readings = estimate.readings(node)
        size = sum(reading.bytes for reading in readings)
        total += size
        names = ", ".join(f"`{reading.table}`" for reading in readings)
        months = sorted({str(reading.months) for reading in readings if reading.months})
        usd = size / 2**40 * USD_PER_TIB
        cells = [f"`{node['name']}`", names, " and ".join(months), f"{size / 1e9:.2f}"]
        lines.append(f"| {' | '.join(cells)} | {usd:.4f} |")
    lines.append(f"| a build | | | {total / 1e9:.1f} | {total / 2**40 * USD_PER_TIB:.2f} |")
    tests = [estimate.readings(node) for node in estimate.statements("test")]
    size = sum(max(sum(r.billed for r in readings), LEAST_BILLED) for readings in tests)
    usd = size / 2**40 * USD_PER_TIB
    lines.append(f"| {len(tests)} data tests | | | {size / 1e9:.1f} | {usd:.2f} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 where there is no build to read."""
    parser = argparse.ArgumentParser(prog="python -m tools.bytes_read", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--database",
        type=Path,
        default="data/sample.duckdb",
        metavar="FILE",
        help="of a build on DuckDB (default: %(default)s, of `make run`)",
    )
    parser.add_argument(
        "--first", action="store_true", help="the first build over all months, not a month more"
    )
    parser.add_argument(
        "--manifest",
        type=Path,
        default="target/manifest.json",
        metavar="FILE",
        help="of the same build (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    try:
        manifest = json.loads(options.manifest.read_text(encoding="utf-8"))
        table = report(Estimate(manifest, options.database, options.first))
    except (OSError, ValueError, KeyError, duckdb.Error) as error:
        said = " ".join(str(error).split())
        print(f"error: no build to read: {said}. 'make run' makes one.", file=sys.stderr)
        return 1
    sizes = " and ".join(f"{count:,} {kind}" for kind, count in FULL_SIZE.items())
    print(f"{sizes}, {MONTHS} months kept\n\n{table}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
