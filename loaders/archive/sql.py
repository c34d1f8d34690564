"""SQL that makes rows of the raw schema of an archive's columns, and says which cannot be one.

It is DuckDB's alone: it runs in memory, on the rows of one part at a time, before any database is
asked. Its limits and reasons are those by which the records of a crawl are decoded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from loaders.hub.fields import (
    COUNT,
    FLAG,
    GATED,
    INSTANT,
    INTEGER,
    NAME,
    PARAMETERS,
    SCORE,
    TAGS,
    TEXT,
    Field,
    fields_of,
    json_text,
)
from loaders.limits import (
    MAX_COUNT,
    MAX_NAME_LENGTH,
    MAX_NUMBER_FORMATS,
    MAX_RECORD_BYTES,
    MAX_TAG_LENGTH,
    MAX_TAGS,
)

_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
# The first and the last that every engine has, in microseconds since 1970.
_FIRST_INSTANT = (datetime(1, 1, 1) - _EPOCH) // _MICROSECOND
_LAST_INSTANT = (datetime(9999, 12, 31, 23, 59, 59) - _EPOCH) // _MICROSECOND
_PER_UNIT = {"s": 1_000_000, "ms": 1_000, "us": 1}
_GGUF = ("total", "architecture", "context_length")
_GGUF_PATHS = ", ".join(f"'$.{name}'" for name in _GGUF)
_TYPES = (
    (COUNT, "bigint"),
    (INTEGER, "bigint"),
    (INSTANT, "bigint"),
    (SCORE, "double"),
    (FLAG, "boolean"),
)


@dataclass(frozen=True)
class Part:
    """The columns of one part, as DuckDB is given them in the view ``part``.

    Attributes:
        columns: their names. What is in a struct has a column of its own, such as
            ``safetensors.total``.
        units: of the timestamps, which are integers there: ``s``, ``ms``, ``us`` or ``ns``.
        formats: the number formats of the columns ``format_0`` and so on; ``has_formats`` tells
            the records that have any such map.
    """

    columns: frozenset[str]
    units: dict[str, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ()


def rows_query(kind: str, snapshot_date: date, part: Part) -> str:
    """Write the query that makes rows of a part.

    Its columns are those of the kind's raw table, with instants as microseconds since 1970, and
    beside them ``position``, ``tags_cut``, and the ``reason`` and ``detail`` of what is no row.
    """
    fields = fields_of(kind)
    values = ", ".join(f"{_value(one, part)} as {_quoted(one.column)}" for one in fields)
    problems = " ".join(
        f"when {condition} then {_literal(problem)}"
        for one in fields
        for condition, problem in _problems(one, part)
    )
    # Whatever was created after the day (UTC) cannot have been listed on it.
    end = (datetime.combine(snapshot_date, time()) + timedelta(days=1) - _EPOCH) // _MICROSECOND
    return f"""
with unpacked as (
    select *, {_unpacked(part)} from part
),
typed as (
    select
        {values}, position, bytes,
        coalesce(tags_listed - len(tags_kept), 0) as tags_cut,
        case {problems} end as problem
    from unpacked
)
select
    * exclude (bytes, problem),
    date '{snapshot_date}' as snapshot_date,
    case
        when bytes > {MAX_RECORD_BYTES} then 'too_large'
        when problem is not null then 'malformed'
        when created_at >= {end} then 'created_after_snapshot'
    end as reason,
    case
        when bytes > {MAX_RECORD_BYTES} then bytes || ' bytes'
        when problem is not null then problem
        when created_at >= {end} then 'createdAt ' || make_timestamp(created_at)
    end as detail
from typed
"""


def _unpacked(part: Part) -> str:
    """Write what is made of lists and of JSON before anything is looked at."""
    tags = _column("tags", part, "varchar[]")
    gguf = _column("gguf", part, "varchar")
    # Most texts are short, so that no tag in them is too long, nor are they too many.
    is_beyond = f"""strlen(tags_text) > {MAX_TAG_LENGTH} and (
        tags_listed > {MAX_TAGS}
        or list_max(list_transform({tags}, lambda tag: length(tag))) > {MAX_TAG_LENGTH})"""
    return f"""
        case when {tags} is not null then cast(to_json({tags}) as varchar) end as tags_text,
        len({tags}) as tags_listed,
        case when {is_beyond}
            then list_filter({tags}, lambda tag: length(tag) <= {MAX_TAG_LENGTH})[:{MAX_TAGS}]
        end as tags_kept,
        case when json_valid({gguf}) then
            cast(json_extract({gguf}, [{_GGUF_PATHS}]) as varchar[])
        end as gguf_values,
        coalesce(strlen({gguf}), 0) + coalesce(strlen(tags_text), 0) as bytes
    """


def _value(one: Field, part: Part) -> str:
    """Write the value of a raw column."""
    name = _quoted(one.json_name)
    if one.json_name == "_id":  # which the files of some archives lack
        return f"coalesce({_column('_id', part, 'varchar')}, '')"
    if one.type is TAGS:
        cut = "cast(to_json(tags_kept) as varchar)"
        return f"case when tags_kept is null then tags_text else {cut} end"
    if one.parent == "gguf":
        found = _gguf(one)
        return f"try_cast({found} as bigint)" if one.type is INTEGER else f"{found} ->> '$'"
    if one.type is PARAMETERS:
        return _entries(part)
    if one.json_name not in part.columns:
        return _column(
            one.json_name, part, next((sql for t, sql in _TYPES if t is one.type), "varchar")
        )
    if one.type is INSTANT:
        return _microseconds(one, part)
    if one.type is SCORE:
        return f"cast({name} as double)"
    if one.type is GATED:
        return f"cast({name} as varchar)"
    return f"try_cast({name} as bigint)" if one.type in (COUNT, INTEGER) else name


def _problems(one: Field, part: Part) -> Iterator[tuple[str, str]]:
    """Write the conditions under which a record cannot be a row, and what is wrong then."""
    name, value = _quoted(one.json_name), _value(one, part)
    said = f"{one.json_name}: "
    if one.parent == "gguf":
        yield from _problems_of_gguf(one, part)
    elif one.type is PARAMETERS:
        yield from _problems_of_formats(part)
    elif one.json_name not in part.columns:
        return
    elif one.type is TAGS:
        has_null = f"contains(tags_text, 'null') and list_count({name}) < tags_listed"
        yield has_null, said + "a tag that is no text"
    elif one.type in (COUNT, SCORE):
        lowest = 0 if one.type is COUNT else -MAX_COUNT
        is_within = f"coalesce({value} between {lowest} and {MAX_COUNT}, false)"
        yield f"{name} is not null and not {is_within}", said + "a number beyond all limits"
    elif one.type in (INTEGER, INSTANT):
        yield f"{name} is not null and {value} is null", said + "a value beyond all limits"
    elif one.type in (NAME, TEXT, GATED):
        if one.column == "id":
            yield f"coalesce({value}, '') = ''", said + "no name"
        yield _is_too_long(value), said + f"more than {MAX_NAME_LENGTH} characters"


def _problems_of_gguf(one: Field, part: Part) -> Iterator[tuple[str, str]]:
    if "gguf" not in part.columns:
        return
    found, said = _gguf(one), f"{one.json_name}: "
    yield (
        "gguf is not null and (gguf_values is null or not regexp_matches(gguf, '^\\s*(\\{|null)'))",
        "gguf: no valid object of JSON",
    )
    if one.type is INTEGER:
        is_integer = f"regexp_full_match({found}, '-?[0-9]+') and {_value(one, part)} is not null"
        yield f"{found} is not null and not ({is_integer})", said + "no integer of 64 bits"
    else:
        yield f"{found} is not null and not starts_with({found}, '\"')", said + "no text"
        yield (
            _is_too_long(f"({_value(one, part)})"),
            said + f"more than {MAX_NAME_LENGTH} characters",
        )


def _problems_of_formats(part: Part) -> Iterator[tuple[str, str]]:
    columns = [f"format_{number}" for number in range(len(part.formats))]
    for column, name in zip(columns, part.formats, strict=True):
        is_wrong = f"{column} is not null and try_cast({column} as bigint) is null"
        yield is_wrong, "safetensors.parameters: a value beyond all limits"
        if len(name) > MAX_NAME_LENGTH:
            yield f"{column} is not null", "safetensors.parameters: a name that is too long"
    if len(columns) > MAX_NUMBER_FORMATS:
        count = " + ".join(f"cast({column} is not null as int)" for column in columns)
        yield f"{count} > {MAX_NUMBER_FORMATS}", "safetensors.parameters: too many number formats"


def _entries(part: Part) -> str:
    """Write parameters by number format as ``loaders.hub.fields.parameter_entries`` does."""
    if "has_formats" not in part.columns:
        return "cast(null as varchar)"
    entries = ", ".join(
        f"{_literal(_entry_begin(name))} || format_{number} || '}}'"
        for number, name in enumerate(part.formats)
    )
    text = f"concat_ws(',', {entries})" if entries else "''"
    return f"case when has_formats then '[' || {text} || ']' end"


def _entry_begin(dtype: str) -> str:
    return json_text({"dtype": dtype, "parameters": 0}).decode().removesuffix("0}")


def _microseconds(one: Field, part: Part) -> str:
    name, unit = _quoted(one.json_name), part.units[one.json_name]
    if unit == "ns":
        return f"{name} // 1000"
    factor = _PER_UNIT[unit]
    first, last = -(-_FIRST_INSTANT // factor), _LAST_INSTANT // factor
    return f"case when {name} between {first} and {last} then {name} * {factor} end"


def _gguf(one: Field) -> str:
    """Write the JSON text of a value in gguf; null where it is absent, or null there."""
    return f"nullif(gguf_values[{1 + _GGUF.index(one.attribute)}], 'null')"


def _is_too_long(value: str) -> str:
    return f"strlen({value}) > {MAX_NAME_LENGTH} and length({value}) > {MAX_NAME_LENGTH}"


def _column(name: str, part: Part, type: str) -> str:
    return _quoted(name) if name in part.columns else f"cast(null as {type})"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
