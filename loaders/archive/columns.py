"""The columns of an archive's file that are needed, and the types that they may have."""

from collections.abc import Callable
from typing import NamedTuple

import pyarrow as pa
import pyarrow.types as is_

from loaders.archive.files import UnusableFileError
from loaders.hub.fields import (
    COUNT,
    FLAG,
    GATED,
    INSTANT,
    INTEGER,
    NAME,
    SCORE,
    TAGS,
    TEXT,
    Field,
    FieldType,
    fields_of,
)


class _Expected(NamedTuple):
    name: str  # in words, for errors
    accepts: Callable[[pa.DataType], bool]


def _is_text(type: pa.DataType) -> bool:
    if is_.is_dictionary(type):
        type = type.value_type
    return bool(is_.is_string(type) or is_.is_large_string(type))


def _is_list_of_text(type: pa.DataType) -> bool:
    return bool(is_.is_list(type) or is_.is_large_list(type)) and _is_text(type.value_type)


def _is_counts_by_format(type: pa.DataType) -> bool:
    """Tell whether it is a struct of a total and of a struct with an integer for each format."""
    if not is_.is_struct(type):
        return False
    for member in type:
        if member.name == "total" and not _is_absent_or(is_.is_integer, member.type):
            return False
        if member.name == "parameters" and not is_.is_null(member.type):
            if not is_.is_struct(member.type):
                return False
            if not all(_is_absent_or(is_.is_integer, one.type) for one in member.type):
                return False
    return True


def _is_absent_or(accepts: Callable[[pa.DataType], bool], type: pa.DataType) -> bool:
    return bool(is_.is_null(type)) or accepts(type)


_TEXT = _Expected("string", _is_text)
_EXPECTED: tuple[tuple[FieldType, _Expected], ...] = (
    (NAME, _TEXT),
    (TEXT, _TEXT),
    (FLAG, _Expected("bool", is_.is_boolean)),
    (COUNT, _Expected("int64", is_.is_integer)),
    (INTEGER, _Expected("int64", is_.is_integer)),
    (SCORE, _Expected("double", lambda type: is_.is_floating(type) or is_.is_integer(type))),
    (INSTANT, _Expected("timestamp", is_.is_timestamp)),
    (GATED, _Expected("string or bool", lambda type: _is_text(type) or is_.is_boolean(type))),
    (TAGS, _Expected("list of strings", _is_list_of_text)),
)
_OBJECTS = {
    "safetensors": _Expected(
        "struct<parameters: struct of int64, total: int64>", _is_counts_by_format
    ),
    "gguf": _Expected("string (JSON text)", _is_text),
}


def column_of(field: Field) -> str:
    """Name the column of a file that a field is in."""
    return field.json_name.partition(".")[0]


def needed_columns(schema: pa.Schema, kind: str, file: str) -> list[str]:
    """List the columns of a file that are needed, as far as it has them.

    A column that is absent is null in each row; one of another type is an error, as a cast would
    hide what changed.

    Args:
        schema: of the file.
        kind: ``models`` or ``datasets``.
        file: its name, for errors.

    Raises:
        UnusableFileError: a column has another type or is there twice, or there are no names.
    """
    columns = []
    for name in dict.fromkeys(map(column_of, fields_of(kind))):
        places = schema.get_all_field_indices(name)
        if len(places) > 1:
            raise UnusableFileError(
                f"{file} has the column {name} {len(places)} times, and nobody can tell which one "
                "is meant. It was not loaded."
            )
        if not places:
            continue
        found = schema.field(places[0]).type
        expected = _expected(name, kind)
        if not _is_absent_or(expected.accepts, found):
            raise UnusableFileError(
                f"The column {name} of {file} is of the type {str(found)[:200]}, where "
                f"{expected.name} is expected. It was not loaded. Such a change has a reason: look "
                "into the file, and what its columns mean now."
            )
        columns.append(name)
    if "id" not in columns:
        raise UnusableFileError(
            f"{file} has no column id, the name of a repository, so it is no listing of {kind}. "
            "It was not loaded."
        )
    return columns


def _expected(column: str, kind: str) -> _Expected:
    if column in _OBJECTS:
        return _OBJECTS[column]
    field = next(field for field in fields_of(kind) if field.json_name == column)
    return next(expected for type, expected in _EXPECTED if type is field.type)
