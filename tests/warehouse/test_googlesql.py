"""GoogleSQL refuses, resolves and computes so that its word can be taken for BigQuery's."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from tests.warehouse.googlesql import (
    GoogleSQL,
    SqlError,
    arrow_type_name,
    scalar_type,
    table_of,
    type_name,
)

COLUMNS = {
    "n": "INT64",
    "s": "STRING",
    "x": "FLOAT64",
    "day": "DATE",
    "instant": "TIMESTAMP",
    "yes": "BOOL",
    "models": "INT64",
}
ROWS = [
    {
        "n": 2**53 + 1,
        "s": "é",
        "x": 0.1,
        "day": dt.date(1969, 12, 31),
        "instant": dt.datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC),
        "yes": False,
        "models": 1,
    },
    dict.fromkeys(COLUMNS),
]


@pytest.fixture(scope="module")
def language() -> GoogleSQL:
    """A language with one table, ``p.d.models``; one of its columns is called as it is."""
    language = GoogleSQL()
    columns = {name: scalar_type(type_) for name, type_ in COLUMNS.items()}
    language.put_table(("p", "d", "models"), table_of(columns, ROWS))
    return language


def value(language: GoogleSQL, expression: str):
    (row,) = language.evaluate(f"select {expression} as value").rows()
    return row["value"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("select 1 as y from T where n = s", "No matching signature for operator ="),
        ("select 1 as y from T where instant = day", "No matching signature for operator ="),
        ("select list_sort([n]) as y from T", "Function not found: list_sort"),
        ("select strptime(s, '%Y') as y from T", "Function not found: strptime"),
        ("select try_cast(s as int64) as y from T", "Function not found: try_cast"),
        ("select n::string as y from T", "Syntax error"),
        ("select 1 as y from T where s ilike 'a'", "Syntax error"),
        ("select count(*) filter (where yes) as y from T", "Syntax error"),
        ("select nope from T", "Unrecognized name: nope"),
        ("select n as a, a + 1 as b from T", "Unrecognized name: a"),
        ("select 1 as y from `p`.`d`.`nothing`", "Table not found"),
        ("select n from T union all select s from T", "incompatible types: INT64, STRING"),
        ("select n, sum(x) as y from T", "neither grouped nor aggregated"),
        ("select case when yes then s else n end as y from T", "operator CASE"),
        ("select date_trunc('month', day) as y from T", "Could not cast literal"),
        # A name given in the SELECT hides a table of that name from the GROUP BY.
        ("select count(*) as models from T group by models.n", "not allowed in GROUP BY"),
        ("create table `p`.`d`.`u` cluster by nope as select s from T", "Unrecognized name: nope"),
    ],
)
def test_what_bigquery_refuses_is_refused(language, query, message):
    with pytest.raises(SqlError, match=message):
        language.analyse(query.replace("T", "`p`.`d`.`models`"))


def test_a_column_that_is_called_as_its_table_is_the_whole_row(language):
    (column,) = language.analyse("select models from `p`.`d`.`models`").columns.values()
    assert type_name(column).startswith("STRUCT<n INT64")


def test_a_query_has_names_types_and_functions(language):
    statement = language.analyse("""
        select day, sum(n) as total, n / 2 as half, array_agg(s) as texts
        from `p`.`d`.`models`
        group by day, n
        qualify row_number() over (order by n) = 1
    """)
    assert {name: type_name(type_) for name, type_ in statement.columns.items()} == {
        "day": "DATE",
        "total": "INT64",
        "half": "FLOAT64",
        "texts": "ARRAY<STRING>",
    }
    assert {"sum", "array_agg", "row_number", "$divide"} <= statement.functions
    assert statement.creates is None


def test_columns_without_a_name_are_numbered(language):
    query = "select 1, 2 as named, 3"
    assert list(language.analyse(query).columns) == ["f0_", "named", "f1_"]
    assert language.evaluate(query).rows() == [{"f0_": 1, "named": 2, "f1_": 3}]


def test_a_statement_that_creates_is_resolved_with_its_options(language):
    statement = language.analyse("""
        /* dbt */ create or replace table `p`.`d`.`t` (day date OPTIONS(description='a day'))
        partition by date_trunc(day, month) cluster by day
        OPTIONS(description='''A table's''', labels=[('project', 'hub')])
        as (select day from `p`.`d`.`models`);
    """)
    assert statement.creates == ("p", "d", "t")
    assert list(statement.columns) == ["day"]


@pytest.mark.parametrize(
    "query",
    [
        "select max_by(n, x) as y from T",
        "select min_by(n, x) as y from T",
        "select 1 as y from T where search(s, 'a')",
        "select cast(s as bigint) as y from T",
        "select cast(s as integer) as y from T",
        "select n from `p.d.models`",
        "select n from `p`.`d`.`mod*`",
    ],
)
def test_what_is_refused_although_bigquery_takes_it(language, query):
    """Write it otherwise. Where this fails, the head of ``googlesql.py`` is out of date."""
    with pytest.raises(SqlError):
        language.analyse(query.replace("T", "`p`.`d`.`models`"))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # The emulator gets these wrong, each without an error.
        ("timestamp_diff('2026-01-02 00:30:00Z', timestamp '2026-01-01 23:30:00Z', day)", 0),
        ("date_trunc(date '2026-01-01', week(monday))", dt.date(2025, 12, 29)),
        ("(select div(n + 1, 2) from (select 7 as n))", 4),
        ("(select a[offset(i)] from (select [10, 20] as a, 1 as i))", 20),
        ("cast(2.5 as int64)", 3),
        ("cast(-2.5 as int64)", -3),
        ("cast(1.0 as string)", "1"),
        ("safe_cast('1.5' as int64)", None),
        ("""json_value('{"a": 1.50}', '$.a')""", "1.50"),
        ("lower('İ')", "i̇"),
        ("to_json_string(1.0)", "1"),
        # What the models rest on.
        ("(select a[safe_ordinal(3)] from (select [10, 20] as a))", None),
        ("""json_value_array('["a", "b\\\\"c"]')""", ["a", 'b"c']),
        ("7 / 2", 3.5),
        ("cast(null as float64) / 0", None),
        ("greatest(1, null)", None),
        ("date_diff(date '2026-02-01', date '2026-01-31', month)", 1),
        ("date_add(date '2026-01-31', interval 1 month)", dt.date(2026, 2, 28)),
        ("(select sum(x) from unnest(cast([] as array<int64>)) as x)", None),
        ("(select stddev_samp(x) from unnest([1.0]) as x)", None),
        (
            "(select array_agg(x ignore nulls order by x desc) from unnest([1, null, 3]) as x)",
            [3, 1],
        ),
        ("numeric '-1.5'", Decimal("-1.5")),
    ],
)
def test_an_expression_has_the_value_that_the_reference_gives(language, expression, expected):
    result = value(language, expression)
    assert (result, type(result)) == (expected, type(expected))


def test_a_value_that_fails_is_an_error(language):
    with pytest.raises(SqlError, match="division by zero"):
        value(language, "1 / (select 0)")


def test_rows_come_back_as_they_were_put(language):
    assert language.evaluate("select * from `p`.`d`.`models`").rows() == ROWS


def test_a_result_is_a_table_for_the_next_query(language):
    result = language.evaluate("select s, [struct(n as n)] as list from `p`.`d`.`models`")
    language.put_table(("p", "d", "result"), result)
    query = "select item.n from `p`.`d`.`result`, unnest(list) as item where s is not null"
    assert language.evaluate(query).rows() == [{"n": 2**53 + 1}]
    language.drop_table(("p", "d", "result"))
    with pytest.raises(SqlError, match="Table not found"):
        language.analyse(query)


def test_a_table_without_rows_is_still_a_table(language):
    empty = table_of({"n": scalar_type("int64")}, [])
    language.put_table(("p", "d", "empty"), empty)
    assert language.evaluate("select count(n) as c from `p`.`d`.`empty`").rows() == [{"c": 0}]
    language.put_table(("p", "d", "more"), language.evaluate("select * from `p`.`d`.`empty`"))
    assert language.evaluate("select * from `p`.`d`.`more`").rows() == []


def test_a_column_of_parquet_has_its_type_in_bigquery():
    types = [pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.date32()]
    names = [arrow_type_name(type_) for type_ in [*types, pa.timestamp("us", tz="UTC")]]
    assert names == ["STRING", "INT64", "FLOAT64", "BOOL", "DATE", "TIMESTAMP"]
    with pytest.raises(ValueError, match="list"):
        arrow_type_name(pa.list_(pa.string()))
