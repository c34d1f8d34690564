"""Errors that BigQuery's planner finds, planted one by one: which of the nets catches each.

The nets: the analyser and the evaluator of GoogleSQL, the emulator, and ``planner`` on the
analyser's tree. What a case expects is what every net says of it, so that the list is true; what
none catches is invisible from here, and is listed with its reason at the end.
"""

# long: one table of errors.

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from google.api_core.exceptions import GoogleAPICallError

from tests.warehouse import planner
from tests.warehouse.bigquery import Project
from tests.warehouse.googlesql import SqlError, scalar_type, table_of
from tests.warehouse.googlesql_warehouse import Warehouse

COLUMNS = {
    "n": "INT64",
    "s": "STRING",
    "x": "FLOAT64",
    "day": "DATE",
    "instant": "TIMESTAMP",
    "j": "JSON",
}
PROJECT = "test-planner"
T, U, Z = (f"`{PROJECT}`.`d`.`{name}`" for name in "tuz")

ANALYSER, EVALUATOR, EMULATOR = "analyser", "evaluator", "emulator"
PLANNER, ROWS = "planner", "rows"  # on the tree, and on the rows that a statement writes


class Case(NamedTuple):
    """A planted error.

    Attributes:
        sql: the statement, in which T and U are tables and Z is a new one.
        says: part of what the net that was made for it says, or of what the analyser says.
        nets: all that refuse it. The evaluator and the emulator run it on a table of one row.
    """

    sql: str
    says: str
    nets: set[str]


NOT_EQUAL = "JOIN cannot be used without a condition that is an equality"
CORRELATED = "Correlated subqueries that reference other tables"
PARTITION = "PARTITION BY expression must be"

CASES = {
    "left join without an equality": Case(
        "select t.n from T as t left join U as u on t.n < u.n",
        f"LEFT OUTER {NOT_EQUAL}",
        {PLANNER},
    ),
    "left join on one side": Case(
        "select t.n from T as t left join U as u on u.n = 1",
        f"LEFT OUTER {NOT_EQUAL}",
        {PLANNER},
    ),
    "right join without an equality": Case(
        "select u.n from T as t right join U as u on t.n <> u.n",
        f"RIGHT OUTER {NOT_EQUAL}",
        {PLANNER},
    ),
    "full join on or": Case(
        "select t.n from T as t full join U as u on t.n = u.n or t.s = u.s",
        f"FULL OUTER {NOT_EQUAL}",
        {PLANNER},
    ),
    "full join on a range": Case(
        "select t.n from T as t full join U as u on t.n between u.n and u.n + 1",
        f"FULL OUTER {NOT_EQUAL}",
        {PLANNER},
    ),
    "subquery in join on": Case(
        "select t.n from T as t join U as u on t.n = u.n and u.day = (select max(day) from U)",
        "Unsupported subquery with table in join predicate",
        {PLANNER},
    ),
    "subquery in merge on": Case(
        "merge into T as t using U as u on t.n = (select max(n) from U)"
        " when matched then update set s = 'a'",
        "Unsupported subquery with table in join predicate",
        {PLANNER},
    ),
    "correlated exists without an equality": Case(
        "select n from T as t where exists (select 1 from U as u where u.n < t.n)",
        CORRELATED,
        {PLANNER},
    ),
    "correlated value without an equality": Case(
        "select (select max(u.n) from U as u where u.n < t.n) as m from T as t",
        CORRELATED,
        {PLANNER},
    ),
    "correlated value on or": Case(
        "select (select max(u.n) from U as u where u.n = t.n or u.s = t.s) as m from T as t",
        CORRELATED,
        {PLANNER},
    ),
    "correlated value with a limit": Case(
        "select (select u.s from U as u where u.n = t.n order by u.x limit 1) as s from T as t",
        CORRELATED,
        {PLANNER},
    ),
    "correlated two levels up": Case(
        "select n from T as t where exists (select 1 from U as u where u.n = t.n"
        " and exists (select 1 from U as v where v.n = t.n))",
        CORRELATED,
        {PLANNER},
    ),
    "hourly partitions of a date": Case(
        "create or replace table Z partition by date_trunc(day, hour) as (select day from T)",
        "does not support the HOUR date part",
        {ANALYSER},
    ),
    "hourly partitions": Case(
        "create or replace table Z partition by timestamp_trunc(instant, hour)"
        " as (select instant from T)",
        "Partitions by hour",
        {PLANNER},
    ),
    "weekly partitions": Case(
        "create or replace table Z partition by date_trunc(day, week) as (select day from T)",
        PARTITION,
        {PLANNER},
    ),
    "partition by an expression": Case(
        "create or replace table Z partition by date_add(day, interval 1 day)"
        " as (select day from T)",
        PARTITION,
        {PLANNER},
    ),
    "partition by a timestamp": Case(
        "create or replace table Z partition by instant as (select instant from T)",
        PARTITION,
        {PLANNER},
    ),
    "partition by text": Case(
        "create or replace table Z partition by s as (select s from T)", PARTITION, {PLANNER}
    ),
    "two partition columns": Case(
        "create or replace table Z partition by day, date(instant) as (select day, instant from T)",
        "Only a single PARTITION BY",
        {EMULATOR, PLANNER},
    ),
    "five clustering columns": Case(
        "create or replace table Z cluster by a, b, c, d, e as"
        " (select n as a, n as b, n as c, n as d, n as e from T)",
        "4 are the most",
        {PLANNER},
    ),
    "clustering by a float": Case(
        "create or replace table Z cluster by x as (select x from T)",
        "CLUSTER BY expression may not be a floating point type",
        {ANALYSER},
    ),
    "clustering by an expression": Case(
        "create or replace table Z cluster by lower(s) as (select s from T)",
        "CLUSTER BY",
        {PLANNER},
    ),
    "clustering by json": Case(
        "create or replace table Z cluster by j as (select j from T)", "CLUSTER BY", {PLANNER}
    ),
    "description of a column": Case(
        f"create or replace table Z (n int64 options (description='{'d' * 1025}'))"
        " as (select n from T)",
        "Column n has a description of 1,025 characters: 1,024",
        {PLANNER},
    ),
    "description of a table": Case(
        f"create or replace table Z options (description='{'d' * 16385}') as (select n from T)",
        "The table has a description of 16,385 characters",
        {PLANNER},
    ),
    "description of a view's column, altered": Case(
        f"alter table T alter column n set options (description='{'d' * 1025}')",
        "has a description of 1,025 characters",
        {PLANNER},
    ),
    "label with a capital": Case(
        "create or replace table Z options (labels=[('Project', 'hub')]) as (select n from T)",
        "Label Project=hub",
        {PLANNER},
    ),
    "required partition filter": Case(
        "create or replace table Z partition by day options (require_partition_filter=true)"
        " as (select day from T)",
        "requires a filter",
        {PLANNER},
    ),
    "order by in a table": Case(
        "create or replace table Z as (select n from T order by n)",
        "sorts all its rows",
        {PLANNER},
    ),
    "group by json": Case(
        "select count(*) as c from T group by j",
        "Grouping by expressions of type JSON",
        {PLANNER},
    ),
    "distinct json": Case(
        "select distinct j from T", "Grouping by expressions of type JSON", {PLANNER}
    ),
    "count of distinct json": Case(
        "select count(distinct j) as c from T",
        "distinct values by expressions of type JSON",
        {PLANNER},
    ),
    "union distinct of json": Case(
        "select j from T union distinct select j from U", "of type JSON", {PLANNER}
    ),
    "order by json": Case(
        "select n from T order by j", "ORDER BY by expressions of type JSON", {PLANNER}
    ),
    "order by an array": Case(
        "select n from T order by [n]", "ORDER BY by expressions of type ARRAY", {PLANNER}
    ),
    "window by json": Case(
        "select row_number() over (partition by j) as r from T",
        "Partitioning by expressions",
        {PLANNER},
    ),
    "window by a float": Case(
        "select row_number() over (partition by x) as r from T",
        "Partitioning by expressions of type FLOAT64",
        {ANALYSER},
    ),
    "window in where": Case(
        "select n from T where row_number() over (order by n) = 1",
        "not allowed in WHERE",
        {ANALYSER, EMULATOR},
    ),
    "aggregate of an aggregate": Case(
        "select sum(count(*)) as c from T", "ggregat", {ANALYSER, EMULATOR}
    ),
    "percentile as an aggregate": Case(
        "select percentile_cont(x, 0.5) as m from T", "needs an OVER clause", {PLANNER}
    ),
    "limit that is no constant": Case(
        "select n from T limit (select 1)", "LIMIT expression", {ANALYSER}
    ),
    "two columns of one name": Case("select n, s as n from T", "Duplicate column names", {PLANNER}),
    "reserved name of a column": Case(
        "select n as _partition_day from T", "is reserved", {PLANNER}
    ),
    "statement that is too long": Case(
        f"select n from T where s <> '{'d' * 1_024_000}'", "characters, over 1,024,000", {PLANNER}
    ),
    "null in a column that may not be": Case(
        "create or replace table Z (n int64 not null) as (select n from T)",
        "Required field n cannot be null",
        {ROWS},
    ),
    "null in an array": Case(
        "create or replace table Z as (select [n, 1] as a from T)",
        "Array cannot have a null element",
        {ROWS},
    ),
    "over 4,000 partitions in a job": Case(
        "create or replace table Z partition by day as (select day from unnest("
        "generate_date_array(date '2010-01-01', date '2020-12-31')) as day)",
        "Too many partitions",
        {ROWS},
    ),
}

# What BigQuery takes, and a net that knew only the rules' names would refuse.
TAKEN = {
    "left join with an equality and a range": "select t.n from T as t"
    " left join U as u on t.n = u.n and t.x < u.x",
    "left join of expressions": "select t.n from T as t left join U as u"
    " on lower(t.s) = concat(u.s, 'a')",
    "left join that takes all": "select t.n from T as t left join U as u on true",
    "full join using": "select n from T full join U using (n)",
    "full join of several tables": "select t.n from T as t full join U as u"
    " on t.n = u.n full join U as v on v.n = u.n",
    "inner join on a range": "select t.n from T as t join U as u on t.n < u.n",
    "cross join": "select t.n from T as t cross join U as u where t.n < u.n or t.s = u.s",
    "correlated exists with an equality": "select n from T as t"
    " where exists (select 1 from U as u where u.n = t.n and u.x < t.x)",
    "correlated aggregate with an equality": "select (select max(u.x) from U as u"
    " where u.n = t.n) as m from T as t",
    "subquery of an array": "select (select max(e) from unnest([t.n, 1]) as e"
    " where e < t.n) as m from T as t",
    "uncorrelated subquery": "select n from T where (n, s) in (select (n, s) from U)"
    " and day = (select max(day) from U)",
    "partition by a day": "create or replace table Z"
    " partition by day cluster by n, s as (select day, n, s from T)",
    "partition by month": "create or replace table Z"
    " partition by date_trunc(day, month) as (select day from T)",
    "partition by the day of an instant": "create or replace table Z"
    " partition by timestamp_trunc(instant, day) as (select instant from T)",
    "partition by date of an instant": "create or replace table Z"
    " partition by date(instant) as (select instant from T)",
    "longest description": "create or replace table Z"
    f" (n int64 options (description='{'d' * 1024}'))"
    f" options (description='{'d' * 16384}', labels=[('project', 'hub-observatory')])"
    " as (select n from T)",
    "window by text": "select row_number() over (partition by s order by x desc) as r,"
    " percentile_cont(x, 0.5) over () as m from T",
    "order by in a query": "select n from T order by s limit 10",
}


@pytest.fixture(scope="module")
def warehouse() -> Warehouse:
    """Two tables, each of one row of nulls."""
    warehouse = Warehouse()
    columns = {name: scalar_type(type_) for name, type_ in COLUMNS.items()}
    for name in "tu":
        rows = [dict.fromkeys(COLUMNS)]
        warehouse.language.put_table((PROJECT, "d", name), table_of(columns, rows))
    return warehouse


@pytest.fixture(scope="module")
def emulator(bigquery_url: str) -> Project:
    """The same two tables in the emulator."""
    project = Project(bigquery_url, PROJECT)
    project.rows("create schema if not exists d")
    columns = ", ".join(f"{name} {type_.lower()}" for name, type_ in COLUMNS.items())
    for name in "tu":
        project.rows(f"create or replace table d.{name} ({columns})")
        project.rows(f"insert into d.{name} (n) values (null)")
    return project


def with_tables(sql: str) -> str:
    """The statement with paths for T, U and Z."""
    return re.sub(r"\b[TUZ]\b", lambda name: f"`{PROJECT}`.`d`.`{name[0].lower()}`", sql)


def refusal(run: Callable[[str], object], sql: str) -> str | None:
    """The objection of a net to a statement, if it has one."""
    try:
        run(sql)
    except SqlError as error:
        return error.message
    except GoogleAPICallError as error:
        return str(error)
    return None


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_planted_error_is_caught_by_these_nets_and_no_other(
    warehouse: Warehouse, emulator: Project, case: Case
):
    language, case = warehouse.language, case._replace(sql=with_tables(case.sql))
    said = {
        ANALYSER: refusal(language.analyse, case.sql),
        EMULATOR: refusal(emulator.rows, case.sql),
    }
    if said[ANALYSER] is None:
        found = planner.refusals(language.analyse(case.sql).resolved, case.sql)
        said[PLANNER] = "; ".join(found) or None
        if not found:
            said[ROWS] = refusal(warehouse.execute, case.sql)
        if case.sql.startswith("select"):
            said[EVALUATOR] = refusal(language.evaluate, case.sql)
    assert {net for net, words in said.items() if words} == case.nets
    told = next(filter(None, (said.get(net) for net in (PLANNER, ROWS, ANALYSER))))
    assert case.says in told
    with pytest.raises(SqlError):  # as the build's net sees it
        warehouse.execute(case.sql)


@pytest.mark.parametrize("sql", TAKEN.values(), ids=TAKEN.keys())
def test_what_bigquery_takes_is_not_refused(warehouse: Warehouse, sql: str):
    sql = with_tables(sql)
    assert planner.refusals(warehouse.language.analyse(sql).resolved, sql) == []


def test_descriptions_that_are_sent_beside_sql_have_the_same_limits():
    assert planner.table_refusals("d" * 16_384, {"n": "d" * 1_024}) == []
    assert len(planner.table_refusals("d" * 16_385, {"n": "d" * 1_025, "s": ""})) == 2
