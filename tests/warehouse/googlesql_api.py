"""BigQuery's REST API over ``googlesql_warehouse``: what Google's client asks for, and so dbt.

A client that is pointed at the address works as on BigQuery, whatever its version or its inside:
queries and dry runs, load jobs of CSV, datasets and tables. Options of tables are taken and not
kept.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.warehouse.googlesql import Path, SqlError, Table, Type, type_name
from tests.warehouse.googlesql_warehouse import Warehouse
from tests.warehouse.planner import table_refusals

Json = dict[str, Any]

# As the API calls what SQL calls INT64, FLOAT64, BOOL and STRUCT.
_API_TYPES = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_STATEMENT = re.compile(
    r"^(?:\s|/\*.*?\*/|--[^\n]*\n|\()*(\w+)(?:\s+or\s+replace)?\s+(\w+)?", re.S | re.I
)


class _RefusedError(Exception):
    """An answer that is an error: its status, BigQuery's reason, and a message."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason = status, reason


@contextmanager
def served(warehouse: Warehouse) -> Iterator[str]:
    """Serve a warehouse; gives the URL for ``api_endpoint``."""
    # An evaluator belongs to a thread, takes a while to start, and keeps a catalogue of its own.
    with ThreadPoolExecutor(max_workers=1) as evaluator:
        api = _Api(warehouse, evaluator)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers: dict[str, str] = {}
                try:
                    status = 200
                    content = api.answer(self.command, self.path, body, self.headers, headers)
                except _RefusedError as refusal:
                    status, content = refusal.status, _error(refusal)
                sent = b"" if content is None else json.dumps(content).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, *_: Any) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()
            api.url = f"http://127.0.0.1:{server.server_port}"
            try:
                yield api.url
            finally:
                server.shutdown()


class _Api:
    """The resources behind the addresses."""

    def __init__(self, warehouse: Warehouse, evaluator: ThreadPoolExecutor) -> None:
        self.url = ""
        self._warehouse = warehouse
        self._evaluator = evaluator
        self._jobs: dict[str, Json] = {}
        self._results: dict[str, Table] = {}
        self._uploads: dict[str, Json] = {}

    def answer(  # noqa: C901 - one case for each address of the API
        self, verb: str, address: str, body: bytes, asked: Message, headers: dict[str, str]
    ) -> Json | None:
        """The resource that a request asks for; ``headers`` gets those of the answer.

        Raises:
            _RefusedError: the answer is an error.
        """
        path = urlsplit(address).path
        uploads, _, rest = path.partition("/bigquery/v2/projects/")
        project, *names = rest.split("/")
        sent = json.loads(body) if body and verb != "PUT" else {}
        match verb, *names:
            case "POST", "jobs" if uploads:
                return self._begin_upload(project, sent, headers)
            case "PUT", "jobs":
                return self._upload(urlsplit(address).query, body)
            case "POST", "jobs":
                return self._insert(project, sent)
            case "GET", "jobs", job:
                return self._jobs[job]
            case "GET", "queries", job:
                return self._results_of(job)
            case "GET", "datasets":
                return {"datasets": [self._dataset(project, name) for name in self._datasets()]}
            case "GET", "datasets", dataset:
                return self._dataset(project, dataset)
            case "GET", "datasets", dataset, "tables":
                return {"tables": self._tables(project, dataset)}
            case "GET", "datasets", _, "routines":
                return {"routines": []}
            case "GET" | "PATCH", "datasets", dataset, "tables", table:
                columns = sent.get("schema", {}).get("fields", [])
                descriptions = {c["name"]: c.get("description") or "" for c in columns}
                if found := table_refusals(sent.get("description") or "", descriptions):
                    raise _RefusedError(400, "invalid", "; ".join(found))
                return self._table((project, dataset, table))
            case "DELETE", "datasets", dataset, "tables", table:
                self._warehouse.language.drop_table((project, dataset, table))
                return None
        raise _RefusedError(501, "notImplemented", f"{verb} {path} is not answered here")

    def _insert(self, project: str, job: Json) -> Json:
        query = job["configuration"]["query"]
        sql, is_dry = query["query"], job["configuration"].get("dryRun", False)
        work = self._warehouse.dry_run if is_dry else self._warehouse.execute
        try:
            result = self._evaluator.submit(work, sql).result()
        except SqlError as error:
            raise _RefusedError(400, "invalidQuery", error.message) from error
        statistics: Json = {"statementType": _statement_type(sql)}
        if is_dry:
            size, columns = result
            statistics |= {
                "totalBytesProcessed": str(size),
                "schema": {"fields": _fields(columns)},
            }
            return self._job(project, job, "QUERY", {"query": statistics, **statistics})
        name = job["jobReference"]["jobId"]
        if result is not None:
            self._results[name] = result
        created = re.search(r"`([^`]+)`\.`([^`]+)`\.`([^`]+)`", sql)
        target = (project, "_results", name)
        if statistics["statementType"] == "CREATE_TABLE_AS_SELECT" and created:
            target = created.groups()
        query["destinationTable"] = _reference(target)
        statistics |= {"totalBytesProcessed": "0", "totalBytesBilled": "0"}
        return self._job(project, job, "QUERY", {"query": statistics, **statistics})

    def _job(self, project: str, job: Json, kind: str, statistics: Json) -> Json:
        reference = {"jobId": "dry-run", "location": "EU"} | job.get("jobReference", {})
        made = {
            "kind": "bigquery#job",
            "id": reference["jobId"],
            "jobReference": reference | {"projectId": project},
            "configuration": job["configuration"] | {"jobType": kind},
            "statistics": statistics,
            "status": {"state": "DONE"},
        }
        self._jobs[reference["jobId"]] = made
        return made

    def _results_of(self, job: str) -> Json:
        answer = {"jobComplete": True, "jobReference": self._jobs[job]["jobReference"]}
        table = self._results.get(job)
        if table is None:
            return answer | {"totalRows": "0"}
        rows = table.rows()
        return answer | {
            "schema": {"fields": _fields(table.columns)},
            "totalRows": str(len(rows)),
            "rows": [{"f": [{"v": _cell(value)} for value in row.values()]} for row in rows],
        }

    def _begin_upload(self, project: str, job: Json, headers: dict[str, str]) -> None:
        name = job["jobReference"]["jobId"]
        self._uploads[name] = job
        headers["Location"] = f"{self.url}/upload/bigquery/v2/projects/{project}/jobs?{name}"

    def _upload(self, name: str, body: bytes) -> Json:
        job = self._uploads[name]
        load = job["configuration"]["load"]
        target = load["destinationTable"]
        path = (target["projectId"], target["datasetId"], target["tableId"])
        types = {field["name"]: field["type"] for field in load["schema"]["fields"]}
        try:
            self._warehouse.load_csv(path, types, body.decode())
        except (KeyError, ValueError) as error:
            raise _RefusedError(400, "invalid", f"{'.'.join(path)}: {error}") from error
        return self._job(path[0], job, "LOAD", {"load": {}})

    def _datasets(self) -> list[str]:
        """The datasets with a table in them; others need not be made here."""
        return sorted({dataset for _, dataset, _ in self._warehouse.language.paths()})

    def _dataset(self, project: str, dataset: str) -> Json:
        if dataset not in self._datasets():
            raise _RefusedError(404, "notFound", f"Not found: Dataset {project}:{dataset}")
        return {"datasetReference": {"projectId": project, "datasetId": dataset}}

    def _tables(self, project: str, dataset: str) -> list[Json]:
        self._dataset(project, dataset)
        paths = self._warehouse.language.paths()
        return [self._table(path) for path in paths if path[:2] == (project, dataset)]

    def _table(self, path: Path) -> Json:
        table = self._warehouse.language.table(path) or self._results.get(path[-1])
        if table is None:
            if path[1] != "_results":
                raise _RefusedError(404, "notFound", f"Not found: Table {'.'.join(path)}")
            return {"tableReference": _reference(path), "numRows": "0", "schema": {"fields": []}}
        return {
            "tableReference": _reference(path),
            "type": "VIEW" if path in self._warehouse.views else "TABLE",
            "schema": {"fields": _fields(table.columns)},
            "numRows": str(len(table.content.table_data.row)),
        }


def _error(refusal: _RefusedError) -> Json:
    detail = {"message": str(refusal), "domain": "global", "reason": refusal.reason}
    return {"error": {"code": refusal.status, "message": str(refusal), "errors": [detail]}}


def _statement_type(sql: str) -> str:
    verb, kind = (word.upper() if word else "" for word in _STATEMENT.match(sql).groups())
    if verb == "CREATE":
        return {"VIEW": "CREATE_VIEW", "SCHEMA": "CREATE_SCHEMA"}.get(
            kind, "CREATE_TABLE_AS_SELECT"
        )
    return {"WITH": "SELECT", "ALTER": "ALTER_TABLE"}.get(verb, verb)


def _reference(path: Path) -> Json:
    return dict(zip(("projectId", "datasetId", "tableId"), path, strict=True))


def _fields(columns: Mapping[str, Type]) -> list[Json]:
    return [_field(name, type_) for name, type_ in columns.items()]


def _field(name: str, type_: Type) -> Json:
    is_array = type_.HasField("array_type")
    element = type_.array_type.element_type if is_array else type_
    sql_name = type_name(element).partition("<")[0]
    field: Json = {
        "name": name,
        "type": _API_TYPES.get(sql_name, sql_name),
        "mode": "REPEATED" if is_array else "NULLABLE",
    }
    if sql_name == "STRUCT":
        parts = element.struct_type.field
        field["fields"] = [_field(part.field_name, part.field_type) for part in parts]
    return field


def _cell(value: Any) -> Any:
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case datetime():
            return str((value - _EPOCH) // timedelta(microseconds=1))
        case date():
            return value.isoformat()
        case list():
            return [{"v": _cell(element)} for element in value]
        case dict():
            return {"f": [{"v": _cell(element)} for element in value.values()]}
        case _:
            return str(value)
