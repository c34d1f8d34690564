"""dbt's BigQuery adapter, with GoogleSQL's evaluator in the place of the service.

``dbt build`` then sends every statement that it would send to BigQuery - models with their DDL,
contracts, seeds, data tests and unit tests - to Google's own analyser and evaluator. Nothing is
translated: what they refuse, BigQuery would refuse, and the rows are those that the language
defines.
"""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple
from unittest import mock

import agate
import sqlglot
from dbt.adapters import bigquery
from dbt.adapters.bigquery import BigQueryAdapter, BigQueryColumn, BigQueryRelation
from dbt.adapters.bigquery.connections import BigQueryAdapterResponse
from dbt.adapters.contracts.relation import RelationType
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt_common.clients import agate_helper
from dbt_common.exceptions import DbtDatabaseError
from sqlglot.tokens import TokenType

from tests.warehouse.googlesql import (
    GoogleSQL,
    Path,
    SqlError,
    Table,
    Type,
    scalar_type,
    table_of,
    type_name,
)

_FROM_CSV: dict[str, Callable[[str], Any]] = {
    "BOOL": lambda text: text.lower() == "true",
    "DATE": dt.date.fromisoformat,
    "FLOAT64": float,
    "INT64": int,
    "STRING": str,
}


class Warehouse:
    """A BigQuery of GoogleSQL.

    Attributes:
        language: its tables, and the language over them.
        views: which of them are views to dbt. Here they keep the rows that they were made with.
        functions: every function in the statements so far.
    """

    def __init__(self) -> None:
        self.language = GoogleSQL()
        self.views: set[Path] = set()
        self.functions: set[str] = set()

    def execute(self, sql: str) -> Table | None:
        """The result of a query; any other statement has its effect and no result.

        Raises:
            SqlError: the language refuses the statement, or it fails on a value.
        """
        if "dbt_internal_unit_test_actual" in sql:  # long, and its model was analysed before
            return self.language.evaluate(sql)
        statement = self.language.analyse(sql)
        self.functions |= statement.functions
        if change := _change(sql):
            self.language.put_table(change.target, self.language.evaluate(change.rows))
            return None
        if not statement.creates:
            return self.language.evaluate(sql) if statement.columns else None
        if _VIEW.search(sql):
            self.views.add(statement.creates)
        query = _query_of(sql)
        # dbt makes tables without rows to learn their columns.
        is_empty = query.rstrip(" \n)").endswith("limit 0")
        table = table_of(statement.columns, []) if is_empty else self.language.evaluate(query)
        self.language.put_table(statement.creates, table)
        return None

    def dbt(self, *arguments: str) -> dbtRunnerResult:
        """Run dbt in this process, as from the command line, on this warehouse."""
        # dbt derives the name of the package from that of the class.
        adapter = type("BigQueryAdapter", (GoogleSQLAdapter,), {"warehouse": self})
        with mock.patch.object(bigquery.Plugin, "adapter", adapter):
            return dbtRunner().invoke([*arguments])


class _Change(NamedTuple):
    """A statement that changes the rows of a table.

    Attributes:
        target: the table.
        rows: the query of the rows that it has afterwards.
    """

    target: Path
    rows: str


_DELETE = re.compile(r"delete from (?P<target>\S+)\s+where (?P<condition>.*)", re.S)
_MERGE = re.compile(
    r"merge into (?P<target>\S+) as DBT_INTERNAL_DEST\s+using \((?P<source>.*)\)"
    r" as DBT_INTERNAL_SOURCE\s+on \(FALSE\)\s+when not matched then insert\s+"
    r"\((?P<columns>[^()]*)\)\s+values",
    re.S,
)


def _change(sql: str) -> _Change | None:
    """A DELETE, or a MERGE that inserts only, as a query: the evaluator runs nothing else.

    None for other statements. The parts of the query are the statement's own text.

    Raises:
        ValueError: the statement has another form than those that dbt and its hooks send here.
    """
    statement = re.sub(r"^(\s|/\*.*?\*/|--[^\n]*\n)+", "", sql, flags=re.S)
    verb = statement.split(maxsplit=1)[0].lower()
    if verb not in ("delete", "merge"):
        return None
    found = (_DELETE if verb == "delete" else _MERGE).match(statement)
    if found is None:
        raise ValueError(f"this {verb} cannot be run here: {statement}")
    target = found["target"]
    if verb == "delete":
        rows = f"select * from {target} where not coalesce({found['condition']}, false)"
    else:
        columns = found["columns"]
        rows = f"select {columns} from {target} union all select {columns} from ({found['source']})"
    return _Change(tuple(target.replace("`", "").split(".")), rows)


_VIEW = re.compile(r"create or replace view\b")


def _query_of(create: str) -> str:
    """The text after the AS of ``create table ... as ...``."""
    depth = 0
    for token in sqlglot.tokenize(create, read="bigquery"):
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if depth == 0 and token.token_type is TokenType.ALIAS:
            return create[token.end + 1 :].strip().removesuffix(";")
    raise ValueError(f"no AS in {create}")


class GoogleSQLAdapter(BigQueryAdapter):
    """The adapter with each method that would call the service answered by ``warehouse``."""

    warehouse: ClassVar[Warehouse]

    def execute(
        self, sql: str, auto_begin: bool = False, fetch: bool = False, limit: int | None = None
    ) -> tuple[BigQueryAdapterResponse, agate.Table]:
        try:
            result = self.warehouse.execute(sql)
        except SqlError as error:
            raise DbtDatabaseError(error.message) from error
        response = BigQueryAdapterResponse(_message="OK")
        if result is None:
            return response, agate_helper.empty_table()
        return response, agate_helper.table_from_data_flat(result.rows(), list(result.columns))

    def get_column_schema_from_query(self, sql: str) -> list[BigQueryColumn]:
        try:
            return _dbt_columns(self.warehouse.language.analyse(sql).columns)
        except SqlError as error:
            raise DbtDatabaseError(error.message) from error

    def get_columns_in_relation(self, relation: BigQueryRelation) -> list[BigQueryColumn]:
        table = self.warehouse.language.table(_path(relation))
        return _dbt_columns(table.columns) if table else []

    def get_relation(self, database: str, schema: str, identifier: str) -> BigQueryRelation | None:
        path = (database, schema, identifier)
        if self.warehouse.language.table(path) is None:
            return None
        kind = RelationType.View if path in self.warehouse.views else RelationType.Table
        return self.Relation.create(database, schema, identifier, type=kind)

    def list_relations_without_caching(self, schema_relation: Any) -> list[BigQueryRelation]:
        return []

    def list_schemas(self, database: str) -> list[str]:
        return []

    def drop_relation(self, relation: BigQueryRelation) -> None:
        self.warehouse.language.drop_table(_path(relation))

    def is_replaceable(self, *_: Any) -> bool:
        return True

    def load_dataframe(
        self,
        database: str,
        schema: str,
        table_name: str,
        agate_table: agate.Table,
        column_override: dict[str, str],
        field_delimiter: str,
    ) -> None:
        """Load a seed. Every column must have a type in ``column_override``."""
        columns = {name: scalar_type(column_override[name]) for name in agate_table.column_names}
        parse = {name: _FROM_CSV[type_name(type_)] for name, type_ in columns.items()}
        rows = [
            {name: None if row[name] is None else parse[name](row[name]) for name in columns}
            for row in agate_table.rows
        ]
        seed = table_of(columns, rows)
        self.warehouse.language.put_table((database, schema, table_name), seed)

    # Descriptions are in the DDL too, and the evaluator has no place for them.

    def update_columns(self, relation: BigQueryRelation, columns: Any) -> None:
        pass

    def update_table_description(self, *_: Any) -> None:
        pass


def _path(relation: BigQueryRelation) -> Path:
    return relation.database, relation.schema, relation.identifier


def _dbt_columns(columns: dict[str, Type]) -> list[BigQueryColumn]:
    return [BigQueryColumn(name, type_name(type_)) for name, type_ in columns.items()]
