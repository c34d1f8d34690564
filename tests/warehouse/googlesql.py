"""GoogleSQL's own analyser and reference evaluator: what BigQuery would say, without BigQuery.

Both are Google's code, compiled to WebAssembly by the package zetasql. The analyser resolves a
query to the names and types of its columns, or refuses it. The evaluator runs it by the letter
of the language's reference, slowly. Neither needs a network, an account or a disk.

The analyser is not quite BigQuery's: it lets functions pass that BigQuery does not have (hence
``Statement.functions``), ``percentile_cont`` as an aggregate, and GROUP BY or ORDER BY of JSON.
It refuses ``max_by``, ``min_by``, ``search``, the type names BIGINT and INTEGER, a path in one
pair of backticks, and wildcard tables. The evaluator has no ``approx_*``.
"""

# long: one library behind one interface: its messages, its types and its values.

import ctypes
import datetime as dt
import functools
import itertools
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from unittest import mock

import pyarrow as pa
import wasmtime
from google.protobuf import empty_pb2
from google.protobuf.message import Message
from zetasql.core import wasm_client
from zetasql.core.exceptions import ServerError
from zetasql.wasi import get_wasm_path
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service_pb2
from zetasql.wasi._pb2.zetasql.proto import options_pb2, simple_catalog_pb2
from zetasql.wasi._pb2.zetasql.public import options_pb2 as public_options_pb2
from zetasql.wasi._pb2.zetasql.public import simple_table_pb2, type_pb2, value_pb2
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_node_kind_pb2

SqlError = ServerError  # its message is BigQuery's
Type = type_pb2.TypeProto
Path = tuple[str, ...]  # of a table: project, dataset, name

# The scalar types of BigQuery in use here, and what GoogleSQL calls them.
_KINDS = {
    "BOOL": type_pb2.TYPE_BOOL,
    "DATE": type_pb2.TYPE_DATE,
    "FLOAT64": type_pb2.TYPE_DOUBLE,
    "INT64": type_pb2.TYPE_INT64,
    "JSON": type_pb2.TYPE_JSON,
    "NUMERIC": type_pb2.TYPE_NUMERIC,
    "STRING": type_pb2.TYPE_STRING,
    "TIMESTAMP": type_pb2.TYPE_TIMESTAMP,
}
_KIND_NAMES = {kind: name for name, kind in _KINDS.items()}
_SYNONYMS = {"BOOLEAN": "BOOL", "FLOAT": "FLOAT64", "INTEGER": "INT64", "BIGINT": "INT64"}

_EPOCH_DAY = dt.date(1970, 1, 1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class RefusedError(SqlError):
    """A refusal that is not the language's own."""

    def __init__(self, message: str) -> None:
        super().__init__(code=3, message=message, raw_error=message)  # 3: invalid argument


# --- Types --------------------------------------------------------------------------------


def scalar_type(name: str) -> Type:
    """The type of a name as SQL and dbt write it, such as ``int64``; KeyError for others."""
    name = name.strip().upper()
    return Type(type_kind=_KINDS[_SYNONYMS.get(name, name)])


def type_name(type_: Type) -> str:
    """The name of a type as BigQuery writes it."""
    if type_.type_kind == type_pb2.TYPE_ARRAY:
        return f"ARRAY<{type_name(type_.array_type.element_type)}>"
    if type_.type_kind == type_pb2.TYPE_STRUCT:
        fields = (f"{f.field_name} {type_name(f.field_type)}" for f in type_.struct_type.field)
        return f"STRUCT<{', '.join(fields)}>"
    return _KIND_NAMES.get(type_.type_kind) or type_pb2.TypeKind.Name(type_.type_kind)[5:]


def arrow_type_name(type_: pa.DataType) -> str:
    """The BigQuery type into which a column of parquet is loaded; ValueError for others."""
    names = {
        pa.types.is_boolean: "BOOL",
        pa.types.is_date: "DATE",
        pa.types.is_floating: "FLOAT64",
        pa.types.is_integer: "INT64",
        pa.types.is_string: "STRING",
        pa.types.is_timestamp: "TIMESTAMP",
    }
    for is_of_type, name in names.items():
        if is_of_type(type_):
            return name
    raise ValueError(f"no BigQuery type for {type_}")


# --- Values -------------------------------------------------------------------------------


def _to_python(value: value_pb2.ValueProto, type_: Type) -> Any:
    which = value.WhichOneof("value")
    if which is None:
        return None
    if which == "date_value":
        return _EPOCH_DAY + dt.timedelta(days=value.date_value)
    if which == "timestamp_value":
        seconds, nanos = value.timestamp_value.seconds, value.timestamp_value.nanos
        return _EPOCH + dt.timedelta(seconds=seconds, microseconds=nanos // 1000)
    if which == "numeric_value":  # an integer of billionths
        return Decimal(int.from_bytes(value.numeric_value, "little", signed=True)).scaleb(-9)
    if which == "array_value":
        element_type = type_.array_type.element_type
        return [_to_python(element, element_type) for element in value.array_value.element]
    if which == "struct_value":
        fields = zip(type_.struct_type.field, value.struct_value.field, strict=True)
        return {kind.field_name: _to_python(field, kind.field_type) for kind, field in fields}
    if which in ("bool_value", "double_value", "int64_value", "json_value", "string_value"):
        return getattr(value, which)
    raise ValueError(f"no value here has the type {type_name(type_)}")


def _to_value(value: Any, type_: Type) -> value_pb2.ValueProto:
    if value is None:
        return value_pb2.ValueProto()
    match _KIND_NAMES.get(type_.type_kind):
        case "DATE":
            return value_pb2.ValueProto(date_value=(value - _EPOCH_DAY).days)
        case "TIMESTAMP":
            proto = value_pb2.ValueProto()
            proto.timestamp_value.FromDatetime(value)
            return proto
        case "FLOAT64":
            return value_pb2.ValueProto(double_value=value)
        case "BOOL" | "INT64" | "STRING" as name:
            return value_pb2.ValueProto(**{f"{name.lower()}_value": value})
    raise ValueError(f"no table here has the type {type_name(type_)}")


# --- The language -------------------------------------------------------------------------


class _Service(wasm_client.WasmClient):
    """The package's client, with the compiled code cached and memory copied in one piece.

    Without the cache each start takes 20 s; byte by byte, as the package copies, a large
    catalogue takes seconds.
    """

    def __init__(self) -> None:
        def config() -> wasmtime.Config:
            cached = wasmtime.Config()
            cached.cache = True
            return cached

        with mock.patch.object(wasm_client, "Config", config):
            super().__init__(get_wasm_path())

    def write_bytes(self, ptr: int, data: bytes) -> None:
        ctypes.memmove(self._address(ptr), data, len(data))

    def read_bytes(self, ptr: int, size: int) -> bytes:
        return ctypes.string_at(self._address(ptr), size)

    def _address(self, ptr: int) -> int:
        return ctypes.addressof(self.memory.data_ptr().contents) + ptr

    def call(self, method: str, request: Message, response: type[Message]) -> Message:
        return self.call_grpc_func(f"ZetaSqlLocalService_{method}", request, response)

    def register(self, catalog: simple_catalog_pb2.SimpleCatalogProto) -> int:
        request = service_pb2.RegisterCatalogRequest(simple_catalog=catalog)
        return self.call("RegisterCatalog", request, service_pb2.RegisterResponse).registered_id

    def unregister(self, registered_id: int) -> None:
        request = service_pb2.UnregisterRequest(registered_id=registered_id)
        self.call("UnregisterCatalog", request, empty_pb2.Empty)


_of_thread = threading.local()
_starting = threading.Lock()


def _service() -> _Service:
    """The thread's own client: an instance of WebAssembly runs one call at a time."""
    if not hasattr(_of_thread, "service"):
        with _starting:
            _of_thread.service = _Service()
    return _of_thread.service


@functools.cache
def _language() -> options_pb2.LanguageOptionsProto:
    language = _service().call(
        "GetLanguageOptions",
        service_pb2.LanguageOptionsRequest(maximum_features=True),
        options_pb2.LanguageOptionsProto,
    )
    # As BigQuery: no INT32, UINT64 or PROTO; and QUALIFY without a WHERE before it.
    language.product_mode = public_options_pb2.PRODUCT_EXTERNAL
    language.reserved_keywords.append("QUALIFY")
    language.supported_statement_kinds.extend(
        [
            resolved_node_kind_pb2.RESOLVED_QUERY_STMT,
            resolved_node_kind_pb2.RESOLVED_CREATE_TABLE_AS_SELECT_STMT,
            resolved_node_kind_pb2.RESOLVED_CREATE_VIEW_STMT,
            resolved_node_kind_pb2.RESOLVED_CREATE_SCHEMA_STMT,
            resolved_node_kind_pb2.RESOLVED_ALTER_TABLE_STMT,
            resolved_node_kind_pb2.RESOLVED_DELETE_STMT,
            resolved_node_kind_pb2.RESOLVED_MERGE_STMT,
        ]
    )
    return language


@dataclass(frozen=True)
class Statement:
    """The analyser's reading of a statement."""

    columns: dict[str, Type]  # of the query in it; none where it holds no query
    functions: frozenset[str]  # in lower case; operators begin with a dollar sign
    creates: Path | None  # the table or view that it makes of its query
    resolved: Message  # the whole tree, for planner.py


@dataclass(frozen=True)
class Table:
    """A table with its rows, as the evaluator takes and gives them."""

    columns: dict[str, Type]
    content: service_pb2.TableContent

    def rows(self) -> list[dict[str, Any]]:
        """The rows in Python's types."""
        return [
            {
                name: _to_python(cell, type_)
                for cell, (name, type_) in zip(row.cell, self.columns.items(), strict=True)
            }
            for row in self.content.table_data.row
        ]


class GoogleSQL:
    """Tables, and the language over them. Threads may share it; each has an evaluator then."""

    def __init__(self) -> None:
        self._options = options_pb2.AnalyzerOptionsProto(
            language_options=_language(), default_timezone="UTC"
        )
        self._tables: dict[Path, Table] = {}
        self._changes = 0  # of the tables
        self._registered: dict[_Service, tuple[int, int]] = {}  # changes so far, and catalogue

    def table(self, path: Path) -> Table | None:
        """The table of that path, if there is one."""
        return self._tables.get(path)

    def paths(self) -> list[Path]:
        """The paths of all tables."""
        return sorted(self._tables.copy())

    def put_table(self, path: Path, table: Table) -> None:
        """Make a table known, or replace it."""
        self._tables[path] = table
        self._changes += 1

    def drop_table(self, path: Path) -> None:
        """Forget a table, if there is one."""
        self._tables.pop(path, None)
        self._changes += 1

    def analyse(self, sql: str) -> Statement:
        """Resolve one statement: a query, or one that creates or alters.

        Raises:
            SqlError: the language refuses it; the message says what and where.
        """
        request = service_pb2.AnalyzeRequest(
            sql_statement=sql, options=self._options, registered_catalog_id=self._catalog_id()
        )
        answer = _service().call("Analyze", request, service_pb2.AnalyzeResponse)
        resolved = answer.resolved_statement
        columns = _columns((c.name, c.column.type) for c in _field(resolved, "output_column_list"))
        names = re.findall(rb"ZetaSQL:([\w.$]+)", resolved.SerializeToString())
        return Statement(
            columns=columns,
            functions=frozenset(name.decode().lower() for name in names),
            creates=tuple(_field(resolved, "name_path")) or None if columns else None,
            resolved=resolved,
        )

    def evaluate(self, query: str) -> Table:
        """The result of a query, in no particular order unless it sorts.

        Raises:
            SqlError: the language refuses it, or it fails on a value.
        """
        # The evaluator finds rows only by a table's name, not by its path. Dots may stand in
        # a name, and `project.dataset.table` is the same table to BigQuery.
        flat = re.sub(r"`([^`]+)`\.`([^`]+)`\.`([^`]+)`", r"`\1.\2.\3`", query)
        named = {".".join(path): table for path, table in self._tables.copy().items()}
        used = {name: table for name, table in named.items() if f"`{name}`" in flat}
        catalog = _empty_catalog()
        for name, table in used.items():
            catalog.table.append(_described(name, table.columns))
        request = service_pb2.EvaluateQueryRequest(
            sql=flat,
            options=self._options,
            simple_catalog=catalog,
            table_content={name: table.content for name, table in used.items()},
        )
        answer = _service().call("EvaluateQuery", request, service_pb2.EvaluateQueryResponse)
        answer.content.table_data.SetInParent()  # without rows it would be no content at all
        columns = ((column.name, column.type) for column in answer.prepared.columns)
        return Table(_columns(columns), answer.content)

    def _catalog_id(self) -> int:
        """The catalogue of all tables, kept on the other side: sent along, it is slow."""
        service, changes = _service(), self._changes
        registered_at, catalog_id = self._registered.get(service, (None, None))
        if registered_at != changes:
            if catalog_id is not None:
                service.unregister(catalog_id)
            catalog_id = service.register(self._catalog())
            self._registered[service] = changes, catalog_id
        return catalog_id

    def _catalog(self) -> simple_catalog_pb2.SimpleCatalogProto:
        root = _empty_catalog()
        catalogs = {(): root}
        for (*folders, name), table in self._tables.copy().items():
            for depth in range(1, len(folders) + 1):
                path = tuple(folders[:depth])
                if path not in catalogs:
                    catalogs[path] = catalogs[path[:-1]].catalog.add(name=path[-1])
            catalogs[tuple(folders)].table.append(_described(name, table.columns))
        return root


def table_of(columns: Mapping[str, Type], rows: Iterable[Mapping[str, Any]]) -> Table:
    """A table of Python's values.

    Raises:
        ValueError: a column has a type that is not in use here.
    """
    content = service_pb2.TableContent(table_data=service_pb2.TableData())
    for row in rows:
        cells = [_to_value(row[name], type_) for name, type_ in columns.items()]
        content.table_data.row.add(cell=cells)
    return Table(dict(columns), content)


def _empty_catalog() -> simple_catalog_pb2.SimpleCatalogProto:
    catalog = simple_catalog_pb2.SimpleCatalogProto(name="root")
    catalog.builtin_function_options.language_options.CopyFrom(_language())
    return catalog


def _described(name: str, columns: Mapping[str, Type]) -> simple_table_pb2.SimpleTableProto:
    described = (
        simple_table_pb2.SimpleColumnProto(name=column, type=type_)
        for column, type_ in columns.items()
    )
    return simple_table_pb2.SimpleTableProto(name=name, column=described)


def _columns(columns: Iterable[tuple[str, Type]]) -> dict[str, Type]:
    """Columns by name; one without a name is called f0_, f1_, ... as in BigQuery."""
    numbers = itertools.count()
    return {
        f"f{next(numbers)}_" if not name or name.startswith("$") else name: type_
        for name, type_ in columns
    }


def _field(statement: Message, name: str) -> Any:
    """A field of a resolved statement, wherever among its kinds and their bases it stands.

    Empty where it stands nowhere.
    """
    node = statement
    while "node" in node.DESCRIPTOR.oneofs_by_name:
        node = getattr(node, node.WhichOneof("node"))
    while name not in node.DESCRIPTOR.fields_by_name:
        if "parent" not in node.DESCRIPTOR.fields_by_name:
            return ()
        node = node.parent
    return getattr(node, name)
