"""A BigQuery that runs here: bqemulator, mended until dlt, dbt and Google's clients work on it.

    python tests/warehouse/bigquery_emulator.py

serves BigQuery's REST API on a free loopback port, with no network and nothing kept on disk,
and prints its URL once it takes requests; with ``--until-stdin-closes`` it ends with who started
it, also where that is killed. Each repair below says what breaks without it; all are
written against bqemulator 1.4.0, whose sources they reach into.

It proves the plumbing: that a load, a build and a rebuild work with the real clients. It does
not prove the meaning of SQL, because it translates to DuckDB and is silently wrong in places
(``timestamp_diff``, ``div``, ``cast(2.5 as int64)``, ...). For that there is ``googlesql.py``.
Clustering, labels, monthly partitions and descriptions of views are accepted and not stored.
"""

import functools
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import sqlglot
from bqemulator import server
from bqemulator.api.dependencies import AppContext, get_caller, get_context
from bqemulator.api.routes import jobs
from bqemulator.catalog.models import JobMeta
from bqemulator.config import LogLevel, Settings
from bqemulator.domain.errors import InvalidQueryError
from bqemulator.jobs import executor
from bqemulator.row_access.identity import CallerIdentity
from bqemulator.sql.rewriter import create_table_schema_ctas, division_by_zero
from bqemulator.storage.engine import DuckDBEngine
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from sqlglot import exp

Json = dict[str, Any]


# --- Starting -----------------------------------------------------------------------------


def start_without_extensions() -> None:
    """Stock: the start downloads DuckDB's spatial extension, and fails where it cannot.

    GEOGRAPHY is lost, and is not used. (Avro is turned off by a setting.)
    """
    DuckDBEngine._load_spatial = lambda self: None


# --- Errors -------------------------------------------------------------------------------


def _error(code: int, message: str, reason: str) -> JSONResponse:
    """An error in BigQuery's wire format."""
    detail = {"message": message, "domain": "global", "reason": reason}
    body = {"error": {"code": code, "message": message, "errors": [detail]}}
    return JSONResponse(body, status_code=code)


async def answer_a_crash_with_400(request: Request, crash: Exception) -> JSONResponse:
    """Stock: HTTP 500, which Google's clients ask again and again for ten minutes."""
    return _error(400, f"the emulator crashed: {crash!r}", "invalid")


repaired_routes = APIRouter()


@repaired_routes.post("/bigquery/v2/projects/{project_id}/queries", response_model=None)
async def query(
    project_id: str,
    request: Request,
    ctx: Annotated[AppContext, Depends(get_context)],
    caller: Annotated[CallerIdentity, Depends(get_caller)],
) -> Json | JSONResponse:
    """``jobs.query`` with errors that are errors, and with the default dataset.

    Stock: an SQL error is HTTP 200 and an ``errors`` field, from which the client makes a
    result of zero rows; so a failed statement of dlt loses data in silence. And names without
    a dataset, which dlt writes, are not found.
    """
    body = await request.json()  # cached by the request, so the change below reaches the route
    body["query"] = jobs._apply_default_dataset(body["query"], body, request_project_id=project_id)
    answer = await jobs.query(project_id, request, ctx, caller)
    if errors := answer.get("errors"):
        code = 404 if errors[0]["reason"] == "notFound" else 400
        return _error(code, errors[0]["message"], errors[0]["reason"])
    return answer


def with_repaired_routes(create_app: Callable[[AppContext], FastAPI]) -> Callable:
    """``create_app``, with the route above in front of the stock one."""

    @functools.wraps(create_app)
    def create(ctx: AppContext) -> FastAPI:
        app = create_app(ctx)
        app.add_exception_handler(Exception, answer_a_crash_with_400)
        app.include_router(repaired_routes)
        app.router.routes.insert(0, app.router.routes.pop())  # the first match answers
        return app

    return create


# --- SQL ----------------------------------------------------------------------------------


def mend_alter_table(sql: str) -> str:
    """Stock: two forms of ALTER TABLE fail.

    Several actions in one statement, as dlt adds columns, are an error of DuckDB: one statement
    each. SET OPTIONS breaks on the parentheses of a label, which dbt gives every seed: it does
    nothing, since options are not stored.
    """
    statement = re.sub(r"^(\s|/\*.*?\*/)+", "", sql, flags=re.S)
    if not re.match(r"ALTER\s+TABLE\b", statement, re.I):
        return sql
    alter = sqlglot.parse_one(statement, read="bigquery")
    if not isinstance(alter, exp.Alter):
        return sql
    actions = alter.args["actions"]
    if isinstance(actions[0], exp.AlterSet):
        return "select 1"
    if len(actions) < 2:
        return sql
    singles = []
    for action in actions:
        single = alter.copy()
        single.set("actions", [action.copy()])
        singles.append(single.sql("bigquery"))
    return ";\n".join(singles)


def table_and_layout(sql: str) -> tuple[str, set[str]] | None:
    """The table that a statement makes, and the columns that it is partitioned and clustered by."""
    if not re.search(r"\b(partition|cluster)\s+by\b", sql, re.I):
        return None
    statement = re.sub(r"^(\s|/\*.*?\*/)+", "", sql, flags=re.S)
    if not re.match(r"create\b.*?\btable\b", statement, re.I | re.S):
        return None
    create = sqlglot.parse_one(statement, read="bigquery")
    if not isinstance(create, exp.Create) or create.kind != "TABLE":
        return None
    properties = create.args.get("properties") or exp.Properties()
    clauses = list(properties.find_all(exp.PartitionedByProperty, exp.ClusterProperty))
    columns = {name.name for clause in clauses for name in clause.find_all(exp.Identifier)}
    table = create.find(exp.Table).sql("bigquery")
    return (table, columns) if columns else None


def with_repaired_sql(execute_query_job: Callable) -> Callable:
    """``execute_query_job``, on mended SQL, with layouts that are looked at.

    Stock: a table may be partitioned and clustered by columns that it does not have.
    """

    @functools.wraps(execute_query_job)
    async def execute(
        project_id: str, job_id: str, sql: str, params: Any, ctx: AppContext, **kwargs: Any
    ) -> JobMeta:
        done = await execute_query_job(
            project_id, job_id, mend_alter_table(sql), params, ctx, **kwargs
        )
        if layout := table_and_layout(sql):
            table, columns = layout
            probe = f"{job_id}-layout"
            await execute_query_job(
                project_id, probe, f"select * from {table} limit 0", None, ctx, **kwargs
            )
            made = executor.JOB_RESULTS.pop(probe).column_names
            executor.JOB_SCHEMAS.pop(probe)
            if missing := sorted(columns - set(made)):
                told = f"{table} is laid out by columns that it does not have: {missing}"
                raise InvalidQueryError(told)
        return done

    return execute


def keep_default_dataset_off_information_schema() -> None:
    """Stock: qualifying names in a query of INFORMATION_SCHEMA mangles them."""
    apply = jobs._apply_default_dataset

    @functools.wraps(apply)
    def guarded(sql: str, config: Json, *, request_project_id: str) -> str:
        if "INFORMATION_SCHEMA" in sql.upper():
            return sql
        return apply(sql, config, request_project_id=request_project_id)

    jobs._apply_default_dataset = guarded


def divide_null_by_zero() -> None:
    """Stock: NULL / 0 is an error, where BigQuery has NULL."""
    build_case = division_by_zero._build_division_case

    @functools.wraps(build_case)
    def build(numerator: exp.Expression, divisor: exp.Expression) -> exp.Case:
        case = build_case(numerator, divisor)
        (fails,) = case.args["ifs"]
        fails.set("this", exp.and_(fails.this, numerator.copy().is_(exp.null()).not_()))
        return case

    division_by_zero._build_division_case = build


def parse_once() -> None:
    """Stock: some forty passes parse each statement anew, which is most of the time it takes."""
    parse = functools.lru_cache(maxsize=256)(sqlglot.parse_one)
    sqlglot.parse_one = lambda sql, **options: parse(sql, **options).copy()


def take_parenthesised_selects() -> None:
    """Stock: CREATE TABLE t (columns) AS (SELECT ...), as a dbt contract writes it, fails."""
    first_select = create_table_schema_ctas._first_select
    create_table_schema_ctas._first_select = lambda body: first_select(
        body.unnest() if isinstance(body, exp.Subquery) else body
    )


# --- Loading ------------------------------------------------------------------------------


def load_parquet_by_name(path: str, table: str, ctx: AppContext) -> None:
    """Stock: columns are matched by position, which swaps values where the order differs."""
    ctx.engine.execute(f"INSERT INTO {table} BY NAME SELECT * FROM read_parquet(?)", [path])


def load_gzipped_json(path: str, table: str, ctx: AppContext) -> None:
    """Stock: dlt compresses JSON lines, which are then read as text."""
    with open(path, "rb") as file:
        compression = ", COMPRESSION GZIP" if file.read(2) == b"\x1f\x8b" else ""
    ctx.engine.execute(f"COPY {table} FROM ? (FORMAT JSON{compression})", [path])


# --- Running ------------------------------------------------------------------------------


def repair() -> None:
    """Put every repair in its place. Once per process."""
    start_without_extensions()
    server.create_app = with_repaired_routes(server.create_app)
    jobs.execute_query_job = with_repaired_sql(jobs.execute_query_job)
    keep_default_dataset_off_information_schema()
    take_parenthesised_selects()
    divide_null_by_zero()
    parse_once()
    executor._LOAD_FORMAT_HANDLERS |= {
        "PARQUET": load_parquet_by_name,
        "NEWLINE_DELIMITED_JSON": load_gzipped_json,
    }


class AnnouncedServer(server.EmulatorServer):
    """A server that prints its URL as the first line that begins with ``http``."""

    async def start(self) -> None:
        await super().start()
        print(self.rest_url, flush=True)


def end_with_parent(uploads: str) -> None:
    """Wait until whoever started this has closed the other end of standard input, or is dead."""
    sys.stdin.buffer.read()
    shutil.rmtree(uploads, ignore_errors=True)
    os._exit(0)


def main() -> None:
    repair()
    with tempfile.TemporaryDirectory(prefix="bigquery-") as uploads:
        if "--until-stdin-closes" in sys.argv:
            threading.Thread(target=end_with_parent, args=(uploads,), daemon=True).start()
        AnnouncedServer(
            Settings(
                rest_port=0,  # any free one
                grpc_port=0,
                enable_format_extensions=False,
                upload_staging_dir=Path(uploads),
                log_level=LogLevel.ERROR,
            )
        ).run_forever()


if __name__ == "__main__":
    main()
