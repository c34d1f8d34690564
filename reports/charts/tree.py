"""A tree from top to bottom: each thing stands below the one it comes from, further to the right.

Every row has a name and, below it, a bar; so it is as readable on a phone as on a wide page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from reports.charts.style import (
    GREY,
    GRID,
    INK,
    LETTER_WIDTH,
    MAIN,
    NARROW,
    canvas,
    data,
    layered,
)

_ROW, _BAR = 42, 9  # heights in pixels
# Of what a row's height holds, the places of its letters and of its bar.
_LETTERS, _BARS = 0.32, 0.72


@dataclass(frozen=True)
class Branch:
    """One row.

    Attributes:
        level: how far from the root, 0 for the root itself.
        name: of the thing.
        value: length of its bar.
        text: the same in words.
        is_rest: whether it stands for several things, which have no name here.
    """

    level: int
    name: str
    value: float
    text: str
    is_rest: bool = False


def tree(width: int, rows: Sequence[Branch]) -> alt.LayerChart | None:
    """Rows in order, each after the one it comes from; None where there is none."""
    if not rows:
        return None
    step = 16 if width == NARROW else 30
    right = max(len(row.text) for row in rows) * LETTER_WIDTH + 10
    deepest = max(row.level for row in rows) * step
    room = width - 8 - right - deepest - step / 2
    height = len(rows) * _ROW
    x, y = _across(width), _down(height)
    shown = list(_shown(rows, step, room))
    named = alt.Chart(data(shown)).encode(x=x("start"), y=y("letters"))
    # A name ends where the paper does; the page's table has it whole.
    limit = alt.ExprRef(f"{width - 12} - datum.start")
    bars = alt.Chart(data(shown)).encode(x=x("start"), x2="end:Q", y=y("bar"))
    values = alt.Chart(data(shown)).encode(x=x("end"), y=y("bar"), text="text:N")
    layers = [
        bars.mark_bar(height=_BAR).encode(color=alt.Color("colour:N", scale=None)),
        named.mark_text(align="left", baseline="middle", limit=limit).encode(
            text="name:N", color=alt.Color("ink:N", scale=None)
        ),
        values.mark_text(align="left", baseline="middle", dx=5, color=GREY),
    ]
    if lines := list(_lines(rows, step)):
        layers.insert(
            0,
            alt.Chart(data(lines))
            .mark_rule(color=GREY)
            .encode(x=x("x"), x2="x2:Q", y=y("y"), y2="y2:Q"),
        )
    return canvas(layered(layers), width, height, left=4, right=4, top=4, bottom=4)


def _across(width: int) -> Any:
    return lambda field: alt.X(
        f"{field}:Q", axis=None, scale=alt.Scale(domain=[0, width - 8], nice=False)
    )


def _down(height: int) -> Any:
    return lambda field: alt.Y(
        f"{field}:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False)
    )


def _shown(rows: Sequence[Branch], step: float, room: float) -> Iterator[dict[str, Any]]:
    largest = max(row.value for row in rows) or 1
    for place, row in enumerate(rows):
        start = row.level * step
        yield {
            "name": row.name,
            "text": row.text,
            "start": start,
            "end": start + max(room * row.value / largest, 1),
            "letters": (place + _LETTERS) * _ROW,
            "bar": (place + _BARS) * _ROW,
            "colour": GRID if row.is_rest else MAIN,
            "ink": GREY if row.is_rest else INK,
        }


def _lines(rows: Sequence[Branch], step: float) -> Iterator[dict[str, float]]:
    """From each row a line to the left, and one up to the row it comes from."""
    for place, row in enumerate(rows):
        above = (n for n in range(place - 1, -1, -1) if rows[n].level < row.level)
        parent = next(above, None)
        if parent is None:
            continue
        x, y = (row.level - 1) * step + step / 3, (place + _LETTERS) * _ROW
        yield {"x": x, "x2": row.level * step - 3, "y": y, "y2": y}
        yield {"x": x, "x2": x, "y": (parent + _BARS) * _ROW + _BAR, "y2": y}
