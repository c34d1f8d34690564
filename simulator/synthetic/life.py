"""The life of one synthetic repository: its names, its changes, and what stays as it is."""

from typing import Any, NamedTuple

from simulator.synthetic.chances import Draws, spread

_GATES = spread({"absent": 50, False: 905, "auto": 24, "manual": 20, True: 1})


class Names(NamedTuple):
    """The publisher and the ``id`` of a repository, those before it was ``renamed``, and when."""

    publisher: str | None
    name: str
    publisher_before: str | None
    name_before: str
    renamed: float

    def at(self, instant: float) -> tuple[str | None, str]:
        """The publisher and the ``id`` at an instant."""
        if self.renamed > instant:
            return self.publisher_before, self.name_before
        return self.publisher, self.name


class Life(NamedTuple):
    """The life of one repository; instants in seconds since 1970.

    Attributes:
        hub_id: its ``_id``.
        created: when it was made; whether the Hub says so is ``is_dated``.
        removed: the first instant at which it is there no more.
        names: its names.
        edits: when it is changed.
        pace: its downloads in 30 days.
        draws: its chances.
        fields: the fields of its record that do not change.
    """

    hub_id: str
    created: int
    is_dated: bool
    removed: float
    names: Names
    edits: tuple[int, int]
    pace: float
    draws: Draws
    fields: dict[str, Any]


def is_dated(draws: Draws) -> bool:
    """Tell whether the Hub says when it was made."""
    return draws.quirk % 4096 != 1


def edits(draws: Draws, created: int) -> tuple[int, int]:
    """The instants at which it is changed, in the order in which they are looked at."""
    return created + draws.edit * 3, created + draws.edit * draws.more // 32


def terms(draws: Draws) -> dict[str, Any]:
    """The fields of a record that say who may see it; some are absent."""
    fields: dict[str, Any] = {"private": False}
    if draws.gate % 11:
        fields["disabled"] = draws.gate % 4096 == 1
    gated = _GATES[draws.gate >> 4]
    if gated != "absent":
        fields["gated"] = gated
    return fields


def trend(draws: Draws) -> dict[str, Any]:
    """The field of a record that says how much it is talked of."""
    if draws.trend < 63_000:
        return {"trendingScore": 0}
    score = draws.trend % 30 / 10 if draws.trend % 16 == 0 else draws.trend % 40
    return {"trendingScore": score}
