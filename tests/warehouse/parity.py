"""Comparison of the rows that two engines made."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]

RELATIVE_TOLERANCE = 1e-9
# Columns that say when a snapshot was crawled and loaded.
# The ends of names: also of a neighbour's load, and of the loads that flows were read from.
_OF_A_LOAD = ("loaded_at", "crawl_started_at", "crawl_finished_at", "read_from")
# A difference of two nearly equal numbers keeps only their last digits.
ABSOLUTE_TOLERANCE = 1e-12


def differences(expected: Sequence[Row], actual: Sequence[Row]) -> list[str]:
    """The differences between the rows of a relation, in any order; nothing where they agree.

    Columns must have the same names, order and kinds of values. Counts, text, dates, booleans
    and nulls must be equal; floating-point numbers agree within 1e-9, relative.
    """
    if not expected or not actual:
        return [f"{len(expected)} rows, not {len(actual)}"] if expected or actual else []
    if list(expected[0]) != list(actual[0]):
        return [f"columns {list(expected[0])}, not {list(actual[0])}"]
    kinds = {column: _kinds(expected, column) for column in expected[0]}
    messages = [
        f"{column}: {kinds[column]}, not {_kinds(actual, column)}"
        for column in kinds
        if kinds[column] != _kinds(actual, column)
    ]
    if messages:
        return messages
    numbers = [column for column, kind in kinds.items() if kind == {"float"}]
    wanted, found = _grouped(expected, numbers), _grouped(actual, numbers)
    for key in wanted.keys() | found.keys():
        want, have = wanted.get(key, []), found.get(key, [])
        if len(want) != len(have):
            messages.append(f"{_named(key)}: {len(want)} rows, not {len(have)}")
            continue
        for values, others in zip(want, have, strict=True):
            messages += [
                f"{_named(key)}: {column} is {value!r}, not {other!r}"
                for column, value, other in zip(numbers, values, others, strict=True)
                if not _agree(value, other)
            ]
    return messages


def build_differences(
    expected: Mapping[str, Sequence[Row]], actual: Mapping[str, Sequence[Row]]
) -> list[str]:
    """The differences between the relations of a build: a few lines for each that differs."""
    return [
        f"{relation}: {difference}"
        for relation, rows in expected.items()
        for difference in differences(rows, actual[relation])[:3]
    ]


def without_times_of_loading(tables: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
    """The same relations without what differs when the same snapshots are loaded again."""
    return {
        relation: [
            {column: value for column, value in row.items() if not column.endswith(_OF_A_LOAD)}
            for row in rows
        ]
        for relation, rows in tables.items()
    }


def _kinds(rows: Sequence[Row], column: str) -> set[str]:
    return {type(row[column]).__name__ for row in rows if row[column] is not None}


def _grouped(rows: Sequence[Row], numbers: Sequence[str]) -> dict[tuple, list[tuple]]:
    """The floating-point values of each row, in order, by its other values."""
    groups = defaultdict(list)
    for row in rows:
        key = tuple((c, _comparable(value)) for c, value in row.items() if c not in numbers)
        groups[key].append(tuple(row[column] for column in numbers))
    for group in groups.values():
        group.sort(key=lambda values: [(value is None, value or 0.0) for value in values])
    return groups


def _comparable(value: Any) -> Any:
    """Staging takes the zone off DuckDB's times, which BigQuery's always have; both are UTC."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def _named(key: tuple) -> str:
    return ", ".join(f"{column}={value}" for column, value in key if value is not None)


def _agree(value: float | None, other: float | None) -> bool:
    if value is None or other is None:
        return value is other
    return math.isclose(value, other, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)
