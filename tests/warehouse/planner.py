"""The refusals of BigQuery's planner in a statement that GoogleSQL's analyser lets pass.

Read in the analyser's resolved tree, in which every column has an identity and every name its
place. The rules are BigQuery's, by its reference and its error messages; where it finds a way for
some statements of a form and not for others (a disjunction of equalities in a join, a correlated
subquery with a limit), the form is refused here.

Invisible from here, because they depend on how much there is or on who asks: a window or a sort
too large for one worker, a recursion of over 500 steps, a quota, a right, a location.
"""

# long: one list of rules, read in one pass over a statement's tree.

import re
from collections.abc import Iterator

from google.protobuf.message import Message
from zetasql.wasi._pb2.zetasql.public import type_pb2
from zetasql.wasi._pb2.zetasql.public.functions import datetime_pb2
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_ast_enums_pb2 as enums
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_ast_pb2 as ast

# https://cloud.google.com/bigquery/quotas
MOST_IN_COLUMN_DESCRIPTION = 1_024
MOST_IN_TABLE_DESCRIPTION = 16_384
MOST_CLUSTERING_COLUMNS = 4
MOST_COLUMNS = 10_000
MOST_LABELS = 64
MOST_IN_STATEMENT = 1_024_000  # characters, before anything is resolved
MOST_PARTITIONS_A_JOB = 4_000

_LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
_RESERVED = re.compile(r"_TABLE_|_FILE_|_PARTITION|_ROW_TIMESTAMP|__ROOT__|_COLIDENTIFIER", re.I)

_OUTER_JOINS = {
    enums.ResolvedJoinScanEnums.LEFT: "LEFT",
    enums.ResolvedJoinScanEnums.RIGHT: "RIGHT",
    enums.ResolvedJoinScanEnums.FULL: "FULL",
}
# A partition's time units, by the function that cuts a column to one; a DATE column needs none.
_TIME_UNITS = {
    "timestamp_trunc": {"DAY", "HOUR", "MONTH", "YEAR"},
    "datetime_trunc": {"DAY", "HOUR", "MONTH", "YEAR"},
    "date_trunc": {"MONTH", "YEAR"},
}
# With one partition an hour, the 10,000 that a table may have are used up after 14 months.
_TOO_FINE = "HOUR"
_NOT_CLUSTERED = {
    type_pb2.TYPE_ARRAY,
    type_pb2.TYPE_BYTES,
    type_pb2.TYPE_DOUBLE,
    type_pb2.TYPE_JSON,
    type_pb2.TYPE_STRUCT,
}
_NOT_GROUPED = {type_pb2.TYPE_JSON, type_pb2.TYPE_GEOGRAPHY}
_NOT_ORDERED = {*_NOT_GROUPED, type_pb2.TYPE_ARRAY, type_pb2.TYPE_STRUCT}
_SKIPPED = {"type", "type_annotation_map", "signature", "result_type"}


def refusals(statement: Message, sql: str) -> list[str]:  # noqa: C901 - one case a rule
    """The reasons why BigQuery would not run a statement, one sentence each; none where it would.

    Args:
        statement: the analyser's resolved statement.
        sql: its text.
    """
    found = []
    if len(sql) > MOST_IN_STATEMENT:
        found.append(f"The statement has {len(sql):,} characters, over {MOST_IN_STATEMENT:,}")
    for node in _walk(statement):
        match node:
            case ast.ResolvedJoinScanProto():
                found += _of_join(node)
            case ast.ResolvedSubqueryExprProto():
                found += _of_subquery(node)
            case ast.ResolvedMergeStmtProto():
                found += _of_join_predicate(node.merge_expr)
            case ast.ResolvedAggregateScanBaseProto():
                found += _of_keys(node.group_by_list, _NOT_GROUPED, "Grouping")
            case ast.ResolvedOrderByScanProto():
                keys = [item.column_ref for item in node.order_by_item_list]
                found += _of_refs(keys, _NOT_ORDERED, "ORDER BY")
            case ast.ResolvedWindowPartitioningProto():
                found += _of_refs(node.partition_by_list, _NOT_GROUPED, "Partitioning")
            case ast.ResolvedAggregateFunctionCallProto():
                found += _of_aggregate(node)
            case ast.ResolvedSetOperationScanProto():
                found += _of_set_operation(node)
            case ast.ResolvedCreateTableAsSelectStmtProto():
                found += _of_table(node)
    found += _of_output(statement)
    found += _of_options(statement)
    return sorted(set(found))


def table_refusals(description: str, columns: dict[str, str]) -> list[str]:
    """The same for what is sent beside SQL: a table's description and those of its columns."""
    found = _of_description("The table", description, MOST_IN_TABLE_DESCRIPTION)
    for name, text in columns.items():
        found += _of_description(f"Column {name}", text, MOST_IN_COLUMN_DESCRIPTION)
    return found


def required_columns(statement: Message) -> list[str]:
    """The columns of a table that is made which may not be null."""
    columns = field(statement, "column_definition_list")
    return [column.name for column in columns if column.annotations.not_null]


def daily_partition(statement: Message) -> str | None:
    """The column of a table that is made whose every day is a partition."""
    for expression in field(statement, "partition_by_list"):
        node = _unwrapped(expression)
        if isinstance(node, ast.ResolvedColumnRefProto):
            return node.column.name
    return None


# --- The tree -----------------------------------------------------------------------------


def _walk(message: Message) -> Iterator[Message]:
    yield message
    for field, value in message.ListFields():
        if field.message_type is None or field.name in _SKIPPED:
            continue
        for part in value if field.is_repeated else (value,):
            yield from _walk(part)


def _unwrapped(node: Message) -> Message:
    """The node itself, from among the kinds that may stand in its place."""
    while "node" in node.DESCRIPTOR.oneofs_by_name and node.WhichOneof("node"):
        node = getattr(node, node.WhichOneof("node"))
    return node


def field(node: Message, name: str):
    """A field of a node, wherever among its kinds and their bases it stands; else empty."""
    node = _unwrapped(node)
    while name not in node.DESCRIPTOR.fields_by_name:
        if "parent" not in node.DESCRIPTOR.fields_by_name:
            return ()
        node = node.parent
    return getattr(node, name)


def _function(node: Message) -> str:
    function = field(node, "function")
    return function.name.partition(":")[2] if function else ""


def _conjuncts(condition: Message) -> Iterator[Message]:
    if _function(condition) == "$and":
        for part in field(condition, "argument_list"):
            yield from _conjuncts(part)
    else:
        yield condition


def _columns(expression: Message) -> set[int]:
    nodes = _walk(expression)
    return {n.column.column_id for n in nodes if isinstance(n, ast.ResolvedColumnRefProto)}


def _given(scan: Message) -> set[int]:
    return {column.column_id for column in field(scan, "column_list")}


def _is_key(condition: Message, left: set[int], right: set[int]) -> bool:
    """Tell whether a condition equates something of one side and something of the other."""
    if _function(condition) not in ("$equal", "$is_not_distinct_from"):
        return False
    one, other = (_columns(argument) for argument in field(condition, "argument_list"))
    return bool(one and other) and (
        (one <= left and other <= right) or (one <= right and other <= left)
    )


def _reads_table(node: Message) -> bool:
    tables = (ast.ResolvedTableScanProto, ast.ResolvedWithRefScanProto)
    return any(isinstance(part, tables) for part in _walk(node))


# --- Queries ------------------------------------------------------------------------------


def _of_join(join: Message) -> list[str]:
    found = _of_join_predicate(join.join_expr)
    kind = _OUTER_JOINS.get(join.join_type)
    if kind and _columns(join.join_expr):  # a constant is no condition
        left, right = _given(join.left_scan), _given(join.right_scan)
        if not any(_is_key(part, left, right) for part in _conjuncts(join.join_expr)):
            found.append(
                f"{kind} OUTER JOIN cannot be used without a condition that is an equality of "
                "fields from both sides of the join"
            )
    return found


def _of_join_predicate(condition: Message) -> list[str]:
    subqueries = (n for n in _walk(condition) if isinstance(n, ast.ResolvedSubqueryExprProto))
    if any(_reads_table(subquery.subquery) for subquery in subqueries):
        return ["Unsupported subquery with table in join predicate"]
    return []


def _of_subquery(subquery: Message) -> list[str]:
    outer = {ref.column.column_id for ref in subquery.parameter_list}
    if not outer or not _reads_table(subquery.subquery):
        return []
    nodes = list(_walk(subquery.subquery))
    filters = [node for node in nodes if isinstance(node, ast.ResolvedFilterScanProto)]
    has_key = any(
        _is_key(part, outer, _given(node.input_scan))
        for node in filters
        for part in _conjuncts(node.filter_expr)
    )
    is_limited = any(isinstance(node, ast.ResolvedLimitOffsetScanProto) for node in nodes)
    is_deep = any(
        isinstance(node, ast.ResolvedSubqueryExprProto)
        and _reads_table(node.subquery)
        and outer & {ref.column.column_id for ref in node.parameter_list}
        for node in nodes
    )
    if has_key and not is_limited and not is_deep:
        return []
    return [
        "Correlated subqueries that reference other tables are not supported unless they can be "
        "de-correlated, such as by transforming them into an efficient JOIN"
    ]


def _of_types(kinds: set[int], refused: set[int], what: str) -> list[str]:
    names = sorted(type_pb2.TypeKind.Name(kind)[5:] for kind in kinds & refused)
    return [f"{what} by expressions of type {name} is not allowed" for name in names]


def _of_keys(keys, refused: set[int], what: str) -> list[str]:
    return _of_types({key.column.type.type_kind for key in keys}, refused, what)


def _of_refs(refs, refused: set[int], what: str) -> list[str]:
    return _of_types({ref.column.type.type_kind for ref in refs}, refused, what)


def _of_aggregate(call: Message) -> list[str]:
    arguments = field(call, "argument_list")
    found = []
    if field(call, "distinct"):
        kinds = {field(argument, "type").type_kind for argument in arguments}
        found += _of_types(kinds, _NOT_GROUPED, "Aggregation of distinct values")
    if _function(call) in ("percentile_cont", "percentile_disc"):
        found.append(f"{_function(call).upper()} is a window function: it needs an OVER clause")
    return found


def _of_set_operation(scan: Message) -> list[str]:
    name = enums.ResolvedSetOperationScanEnums.SetOperationType.Name(scan.op_type)
    if name.endswith("_ALL"):
        return []
    return _of_types({c.type.type_kind for c in scan.parent.column_list}, _NOT_GROUPED, name)


# --- Tables -------------------------------------------------------------------------------


def _of_table(create: Message) -> list[str]:
    found = []
    if len(create.partition_by_list) > 1:
        found.append("Only a single PARTITION BY expression is supported")
    for expression in create.partition_by_list:
        found += _of_partition(expression)
    if len(create.cluster_by_list) > MOST_CLUSTERING_COLUMNS:
        found.append(f"{len(create.cluster_by_list)} columns in CLUSTER BY: 4 are the most")
    for expression in create.cluster_by_list:
        kind = field(expression, "type").type_kind
        is_column = isinstance(_unwrapped(expression), ast.ResolvedColumnRefProto)
        if not is_column or kind in _NOT_CLUSTERED:
            found.append("CLUSTER BY takes columns of types that have one order")
    if isinstance(_unwrapped(create.query), ast.ResolvedOrderByScanProto):
        found.append("A table has no order: ORDER BY sorts all its rows on one worker")
    return found


def _of_partition(expression: Message) -> list[str]:
    node, name = _unwrapped(expression), _function(expression)
    arguments = list(field(expression, "argument_list"))
    is_of_column = bool(arguments) and isinstance(
        _unwrapped(arguments[0]), ast.ResolvedColumnRefProto
    )
    if isinstance(node, ast.ResolvedColumnRefProto):
        if node.column.type.type_kind == type_pb2.TYPE_DATE:
            return []
    elif is_of_column and name in ("date", "range_bucket"):
        return []
    elif is_of_column and name in _TIME_UNITS:
        unit = re.findall(r"enum_value: (\d+)", str(arguments[1]))
        part = datetime_pb2.DateTimestampPart.Name(int(unit[0])) if unit else ""
        if part == _TOO_FINE:
            return ["Partitions by hour: a table may have 10,000, which is 14 months"]
        if part in _TIME_UNITS[name]:
            return []
    return [
        "PARTITION BY expression must be a DATE column, DATE(<column>), <TYPE>_TRUNC(<column>, "
        "DAY/HOUR/MONTH/YEAR) of its type, DATE_TRUNC(<date_column>, MONTH/YEAR), or RANGE_BUCKET"
    ]


def _of_output(statement: Message) -> list[str]:
    names = [column.name for column in field(statement, "output_column_list")]
    found = [f"Column name {name} is reserved" for name in names if _RESERVED.match(name)]
    found += [f"Column name {name[:40]}… is too long" for name in names if len(name) > 300]
    if len({name.lower() for name in names}) < len(names):
        found.append("Duplicate column names in the result are not supported")
    if len(names) > MOST_COLUMNS:
        found.append(f"{len(names):,} columns, over {MOST_COLUMNS:,}")
    return found


# --- Options ------------------------------------------------------------------------------


def _of_options(statement: Message) -> list[str]:
    found = []
    lists = [field(statement, "option_list")]
    lists += [
        n.option_list for n in _walk(statement) if isinstance(n, ast.ResolvedSetOptionsActionProto)
    ]
    for option in (option for options in lists for option in options):
        value = field(option.value, "value")
        if option.name == "description":
            text = value.value.string_value
            found += _of_description("The table", text, MOST_IN_TABLE_DESCRIPTION)
        elif option.name == "labels":
            found += _of_labels(value.value.array_value.element)
        elif option.name == "require_partition_filter" and value.value.bool_value:
            found.append("A table that requires a filter refuses the hooks that delete from it")
    for column in field(statement, "column_definition_list"):
        found += _of_column_options(column.name, column.annotations.option_list)
    for action in _walk(statement):
        if isinstance(action, ast.ResolvedAlterColumnOptionsActionProto):
            found += _of_column_options(field(action, "column"), action.option_list)
    return found


def _of_column_options(name: str, options) -> list[str]:
    texts = [
        field(option.value, "value").value.string_value
        for option in options
        if option.name == "description"
    ]
    return [
        r for t in texts for r in _of_description(f"Column {name}", t, MOST_IN_COLUMN_DESCRIPTION)
    ]


def _of_description(whose: str, text: str, most: int) -> list[str]:
    if len(text) <= most:
        return []
    return [f"{whose} has a description of {len(text):,} characters: {most:,} are the most"]


def _of_labels(labels) -> list[str]:
    pairs = [tuple(part.string_value for part in label.struct_value.field) for label in labels]
    found = [
        f"Label {key}={value} may have lower-case letters, digits, _ and - only, 63 at most"
        for key, value in pairs
        if not (_LABEL_KEY.fullmatch(key) and _LABEL_VALUE.fullmatch(value))
    ]
    if len(pairs) > MOST_LABELS:
        found.append(f"{len(pairs)} labels: {MOST_LABELS} are the most")
    return found
