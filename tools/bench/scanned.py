"""Estimate what each model reads on BigQuery, and its cost: ``python -m tools.bench.scanned``.

BigQuery bills the bytes of the columns that a query reads, whole partitions at a time. Both are
known without an account: the columns from the SQL that dbt sent to an emulated BigQuery,
followed through the views down to the tables, and their widths from the sample. Where a project
is at hand, a dry run says the same.
"""

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.pushdown_predicates import pushdown_predicates
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from tests.warehouse import builds
from tests.warehouse.bigquery import Project, emulated_bigquery

MODELS, DATASETS, MONTHS = 3_000_000, 1_000_000, 24
USD_PER_TIB = 6.25  # on demand, as listed for the US and the EU in 2026
LEAST_BYTES = 10 * 2**20  # are billed for each table of a query

# What BigQuery counts for a value; a text is its bytes and 2 more, a null nothing.
_WIDTHS = {"BIGINT": 8, "DOUBLE": 8, "BOOLEAN": 1, "DATE": 8}
_WIDTHS |= {"TIMESTAMP": 8, "TIMESTAMP WITH TIME ZONE": 8}

# What the rows of a table go with; the others are small.
_BY_SNAPSHOT = {
    *("models", "datasets", "int_model_popularity", "int_snapshot_fields"),
    *("int_dataset_tag_sets", "int_dataset_values", "int_dataset_groups"),
}
_BY_CHANGE = {"int_newly_listed_models", "int_delisted_models"}
_OF_MODELS = {"models", "int_models", "int_model_costs", "int_model_popularity", *_BY_CHANGE}
_OF_DATASETS = {
    *("datasets", "int_dataset_tag_sets", "int_dataset_tags", "int_dataset_languages"),
    *("int_dataset_tasks", "int_dataset_groups"),
}

Columns = dict[str, str]  # of a table: name and DuckDB's type
Table = tuple[str, str]  # schema and name


@dataclass(frozen=True)
class Scan:
    """The bytes that the build of one model reads.

    Attributes:
        columns: of each table, the columns read.
        partitions: of each table, how many snapshots are read; None for all.
    """

    columns: dict[Table, set[str]]
    partitions: dict[Table, int | None]


def scan(sql: str, views: dict[Table, str], schema: dict[Table, Columns]) -> Scan:
    """The columns that a query reads, the views in it followed to their tables."""
    query = _inlined(sqlglot.parse_one(sql, read="bigquery"), views)
    nested: dict[str, Any] = {}
    for (dataset, name), columns in schema.items():
        nested.setdefault(dataset, {})[name] = columns
    query = qualify(query, schema=nested, dialect="bigquery", validate_qualify_columns=False)
    query = pushdown_projections(query, schema=nested, dialect="bigquery")
    query = pushdown_predicates(query, dialect="bigquery")
    read: dict[Table, set[str]] = {}
    dates: dict[Table, set[str] | None] = {}
    for scope in traverse_scope(query):
        for alias, source in scope.sources.items():
            if isinstance(source, exp.Table) and source.db:
                table = (source.db, source.name)
                names = {column.name for column in scope.source_columns(alias)}
                read.setdefault(table, set()).update(names)
                found, so_far = _constant_dates(scope.expression), dates.get(table, set())
                dates[table] = None if found is None or so_far is None else found | so_far
    counts = {table: None if found is None else len(found) for table, found in dates.items()}
    return Scan(read, counts)


def _inlined(query: exp.Expr, views: dict[Table, str]) -> exp.Expr:
    def inline(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Table) and node.db:
            if (node.db, node.name) in views:
                view = sqlglot.parse_one(views[node.db, node.name], read="bigquery")
                return exp.Subquery(
                    this=_inlined(view, views),
                    alias=exp.TableAlias(this=exp.to_identifier(node.alias_or_name)),
                )
            node.set("catalog", None)
        return node

    return query.transform(inline)


def _constant_dates(select: exp.Expr) -> set[str] | None:
    """The constants that a filter allows for the partition: BigQuery prunes by nothing else."""
    where = select.args.get("where")
    for condition in where.find_all(exp.In) if where else ():
        if condition.this.name == "snapshot_date" and not condition.args.get("query"):
            return {date.sql() for date in condition.expressions}
    return None


@dataclass(frozen=True)
class Statistics:
    """The size of each table of the sample: its rows, and the mean bytes of each column."""

    rows: dict[Table, int]
    widths: dict[Table, dict[str, float]]

    @classmethod
    def of(cls, database: Path) -> "Statistics":
        """Raises duckdb.Error: the database is not that of a build."""
        rows: dict[Table, int] = {}
        widths: dict[Table, dict[str, float]] = {}
        with duckdb.connect(str(database), read_only=True) as connection:
            columns = connection.execute(
                "select table_schema, table_name, column_name, data_type"
                " from information_schema.columns join information_schema.tables"
                " using (table_schema, table_name) where table_type = 'BASE TABLE'"
            ).fetchall()
            for schema, name, column, type_ in columns:
                table = (schema, name)
                width = _WIDTHS.get(type_, f'octet_length(encode("{column}")) + 2')
                ((rows[table], widths.setdefault(table, {})[column]),) = connection.execute(
                    f'select count(*), coalesce(sum(case when "{column}" is not null'
                    f' then {width} end) / count(*), 0) from "{schema}"."{name}"'
                ).fetchall()
        return cls(rows, widths)

    def bytes_read(self, scan: Scan) -> float:
        """The bytes of a scan at full scale."""
        return sum(self._by_table(scan))

    def bytes_billed(self, scan: Scan) -> float:
        """The same, with what is billed at least."""
        return max(sum(max(size, LEAST_BYTES) for size in self._by_table(scan)), LEAST_BYTES)

    def _by_table(self, scan: Scan) -> list[float]:
        return [
            self._rows_at_scale(table, scan.partitions[table])
            * sum(self.widths[table][column] for column in columns)
            for table, columns in scan.columns.items()
        ]

    def _rows_at_scale(self, table: Table, partitions: int | None) -> float:
        """Rows with the Hub at its full size and all months kept.

        Sets of tags grow slower than the datasets that have them: for these it is a bound.
        """
        name = table[1]
        months = len(builds.SNAPSHOT_DATES)
        if name in _OF_MODELS:
            scale = MODELS / builds.SAMPLE_MODELS
        elif name in _OF_DATASETS:
            scale = DATASETS / builds.SAMPLE_DATASETS
        else:
            scale = 1
        if name in _BY_SNAPSHOT:
            return self.rows[table] / months * scale * (partitions or MONTHS)
        if name in _BY_CHANGE:
            return self.rows[table] / (months - 1) * scale * (MONTHS - 1)
        return self.rows[table] * scale


@dataclass(frozen=True)
class Build:
    """A second month's build, as dbt sent it to BigQuery, beside the sizes of the sample.

    Attributes:
        sql: the statement of each model.
        views: of these, the models that are views.
        tests: the statement of each data test.
    """

    sql: dict[Table, str]
    views: dict[Table, str]
    tests: list[str]
    statistics: Statistics

    @classmethod
    def make(cls, folder: Path) -> "Build":
        """Build on both engines, which takes minutes."""
        build = ["build", "--exclude-resource-type", "test", "unit_test"]
        environment = {"HUB_DUCKDB_PATH": str(folder / "hub.duckdb"), "GOOGLE_CLOUD_PROJECT": "-"}
        builds.load("duckdb", folder, {})
        (folder / "profiles.yml").write_text((builds.ROOT / "profiles.example.yml").read_text())
        builds.dbt(build, "duckdb", folder, environment)
        statistics = Statistics.of(folder / "hub.duckdb")
        with emulated_bigquery(folder / "errors.log") as url:
            project = Project(url, "test-scanned")
            project.write_dbt_profile(folder, "hub_observatory")
            for month in builds.SNAPSHOT_DATES:
                builds.load_snapshot(
                    builds.SAMPLE, month, "bigquery", folder, project.environment()
                )
                builds.dbt(build, "bigquery", folder, project.environment())
            compile_tests = ["compile", "--select", "resource_type:test"]
            builds.dbt(compile_tests, "bigquery", folder, project.environment())
        return cls(*_statements(folder / "target"), statistics)


def _statements(target: Path) -> tuple[dict[Table, str], dict[Table, str], list[str]]:
    """The compiled SQL of models, of the views among them, and of data tests."""
    sql: dict[Table, str] = {}
    views: dict[Table, str] = {}
    for model in builds.models(target):
        table = (model["schema"], model["alias"])
        file = target / "compiled" / model["package_name"] / model["original_file_path"]
        sql[table] = file.read_text()
        if model["config"]["materialized"] == "view":
            views[table] = sql[table]
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    tests = [
        node["compiled_code"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and node.get("compiled_code")
    ]
    return sql, views, tests


def report(build: Build) -> str:
    """The table, as Markdown, of what a build reads."""
    statistics = build.statistics
    schema = {
        table: dict.fromkeys(columns, "string") for table, columns in statistics.widths.items()
    }
    lines = [
        "| model | reads | months of it | GB | USD |",
        "|---|---|---|---:|---:|",
    ]
    total = 0.0
    for table in sorted(build.sql.keys() - build.views.keys()):
        scanned = scan(build.sql[table], build.views, schema)
        size = statistics.bytes_read(scanned)
        total += size
        largest = [t for t in sorted(scanned.columns) if t[0] in ("hub_raw", "intermediate")]
        kept_by_month = [t for t in largest if t[1] in ("models", "datasets")]
        months = {str(scanned.partitions[t] or "all") for t in kept_by_month}
        lines.append(
            f"| `{table[1]}` | {', '.join(f'`{t[1]}`' for t in largest)} "
            f"| {' and '.join(sorted(months))} | {size / 1e9:.2f} "
            f"| {size / 2**40 * USD_PER_TIB:.4f} |"
        )
    lines.append(f"| a build | | | {total / 1e9:.1f} | {total / 2**40 * USD_PER_TIB:.2f} |")
    tests = [statistics.bytes_billed(scan(test, build.views, schema)) for test in build.tests]
    size = sum(tests)
    lines.append(
        f"| {len(tests)} data tests | | | {size / 1e9:.1f} | {size / 2**40 * USD_PER_TIB:.2f} |"
    )
    return "\n".join(lines)


def main() -> None:
    """Run the command line."""
    argparse.ArgumentParser(prog="python -m tools.bench.scanned", description=__doc__).parse_args()
    print(f"{MODELS:,} models and {DATASETS:,} datasets, {MONTHS} months kept")
    with tempfile.TemporaryDirectory() as folder:
        print(report(Build.make(Path(folder))))


if __name__ == "__main__":
    main()
