"""Chances: tables of proportions and distributions, and the draws of one repository."""

import struct
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple, TypeVar

T = TypeVar("T")


def spread(weights: Mapping[T, float], places: int = 4096) -> list[T]:
    """A table in which each value has places in proportion to its weight."""
    total = sum(weights.values())
    table: list[T] = []
    for value, end in zip(weights, accumulate(weights.values()), strict=True):
        table += [value] * (round(places * end / total) - len(table))
    return table


def quantiles(knots: Sequence[tuple[float, float]], places: int) -> list[float]:
    """A table of a distribution's quantiles, logarithmic between knots of (share, value)."""
    table = []
    for (low, a), (high, b) in pairwise(knots):
        for place in range(round(low * places), round(high * places)):
            share = (place + 0.5) / places
            table.append(a * (b / a) ** ((share - low) / (high - low)))
    return table


class Draws(NamedTuple):
    """The chances of one repository. First those of 32 bits, then those of 16."""

    publisher: int
    use: int
    serial: int
    link: int
    size: int
    moment: int
    removal: int
    renaming: int
    edit: int
    likes: int
    trend: int
    gate: int
    quirk: int
    topic: int
    role: int
    coverage: int
    weights: int
    suffix: int
    library: int
    licence: int
    language: int
    extra: int
    reference: int
    more: int
    detail: int


unpack_draws = struct.Struct("<5I20H").unpack
