"""The records of a listing, as they are decoded and as columns: both are made from its fields."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Protocol

import msgspec

from loaders.hub.fields import fields_of


class Record(Protocol):
    """The attributes of a record that a decoder looks at itself; there is one for each column.

    An absent field is None. An object of the Hub, such as ``gguf``, is an attribute whose own
    attributes are called as the Hub calls them.
    """

    _id: str
    created_at: datetime | None
    tags: list[str] | None


class RecordFormat:
    """The type that records of one kind are decoded to, and the columns that they become.

    Args:
        kind: ``models`` or ``datasets``.

    Attributes:
        type: a ``msgspec.Struct``, for ``msgspec.json.Decoder``.
    """

    def __init__(self, kind: str) -> None:
        fields = fields_of(kind)
        members: dict[str, list[Any]] = {"": []}  # of the record, and of each object in it
        for field in fields:
            decoded = field.type.decoded
            typed = (decoded,) if field.is_required else (decoded | None, None)
            members.setdefault(field.parent, []).append((field.attribute, *typed))
        own = members.pop("")
        objects = {name: msgspec.defstruct(name, of_it) for name, of_it in members.items()}
        own += [(name, struct | None, None) for name, struct in objects.items()]
        names = {field.attribute: field.json_name for field in fields if not field.parent}
        self.type = msgspec.defstruct("Record", own, rename=names)
        self._absent = {name: struct() for name, struct in objects.items()}
        self._columns = [
            (field.column, field.parent, attrgetter(field.attribute), field.type.convert)
            for field in fields
        ]

    def columns(self, records: Sequence[Record]) -> dict[str, list[Any]]:
        """Give the values of each column, by its name, in the order of the table."""
        owners: dict[str, Sequence[Any]] = {"": records}
        for name, absent in self._absent.items():
            owners[name] = [owner or absent for owner in map(attrgetter(name), records)]
        columns = {}
        for column, parent, value_of, convert in self._columns:
            values = list(map(value_of, owners[parent]))
            if convert is not None:
                values = [None if value is None else convert(value) for value in values]
            columns[column] = values
        return columns
