"""A BigQuery of GoogleSQL's analyser and evaluator, as the service of ``googlesql_api``.

Every statement that a client sends - models with their DDL, contracts, hooks, data tests and unit
tests - goes to Google's own analyser and evaluator. Nothing is translated: what they refuse,
BigQuery would refuse, and the rows are those that the language defines.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import sqlglot
from sqlglot.tokens import TokenType

from tests.warehouse import planner
from tests.warehouse.googlesql import (
    GoogleSQL,
    Path,
    RefusedError,
    Statement,
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
        statement = self.plan(sql)
        if change := _change(sql):
            self.language.put_table(change.target, self.language.evaluate(change.rows))
            return None
        if not statement.creates:
            return self._result(sql, statement) if statement.columns else None
        if _VIEW.search(sql):
            self.views.add(statement.creates)
        table = self._result(_query_of(sql), statement)
        _check_rows(statement, table)
        self.language.put_table(statement.creates, table)
        return None

    def _result(self, query: str, statement: Statement) -> Table:
        """The rows of a query; dbt asks for none of them to learn its columns."""
        if query.rstrip(" \n)").endswith("limit 0"):
            return table_of(statement.columns, [])
        return self.language.evaluate(query)

    def plan(self, sql: str) -> Statement:
        """Analyse a statement that the planner takes.

        Raises:
            SqlError: the language or the planner refuses it.
        """
        statement = self.language.analyse(sql)
        self.functions |= statement.functions
        if found := planner.refusals(statement.resolved, sql):
            raise RefusedError("; ".join(found))
        return statement

    def dry_run(self, sql: str) -> tuple[int, dict[str, Type]]:
        """The bytes of the tables that a statement names, eight for each value, and its columns.

        Raises:
            SqlError: the language refuses the statement.
        """
        statement = self.plan(sql)
        named = {tuple(parts) for parts in _PATH.findall(sql)}
        tables = filter(None, map(self.language.table, named))
        sizes = (8 * len(table.columns) * len(table.content.table_data.row) for table in tables)
        return sum(sizes), statement.columns

    def load_csv(self, path: Path, types: Mapping[str, str], text: str) -> None:
        """Replace a table by the rows of a CSV with a header; what is empty is null.

        Raises:
            ValueError: a column has another name, or a value is not of its type.
        """
        columns = {name: scalar_type(type_) for name, type_ in types.items()}
        parse = {name: _FROM_CSV[type_name(type_)] for name, type_ in columns.items()}
        reader = csv.DictReader(io.StringIO(text))
        if list(reader.fieldnames or ()) != list(columns):
            raise ValueError(f"columns {reader.fieldnames}, not {list(columns)}")
        rows = [
            {name: parse[name](row[name]) if row[name] else None for name in columns}
            for row in reader
        ]
        self.language.put_table(path, table_of(columns, rows))


def _check_rows(statement: Statement, table: Table) -> None:
    """Refuse rows that BigQuery does not write, though its language makes them.

    Raises:
        SqlError: a column that may not be null is, an array holds a null, or there are too many
            partitions.
    """
    rows = table.rows()
    for name in planner.required_columns(statement.resolved):
        if any(row[name] is None for row in rows):
            raise RefusedError(f"Required field {name} cannot be null")
    for name in table.columns:
        if any(isinstance(row[name], list) and None in row[name] for row in rows):
            raise RefusedError(f"Array cannot have a null element; error in writing field {name}")
    column = planner.daily_partition(statement.resolved)
    if column and len({row[column] for row in rows}) > planner.MOST_PARTITIONS_A_JOB:
        raise RefusedError(
            f"Too many partitions produced by query: over {planner.MOST_PARTITIONS_A_JOB}"
        )


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


_PATH = re.compile(r"`([^`]+)`\.`([^`]+)`\.`([^`]+)`")
_VIEW = re.compile(r"create or replace view\b")


def _query_of(create: str) -> str:
    """The text after the AS of ``create table ... as ...``."""
    depth = 0
    for token in sqlglot.tokenize(create, read="bigquery"):
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if depth == 0 and token.token_type is TokenType.ALIAS:
            return create[token.end + 1 :].strip().removesuffix(";")
    raise ValueError(f"no AS in {create}")
