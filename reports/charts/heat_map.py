"""A table whose cells are coloured by their values and show them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from reports.charts.style import (
    INK,
    LETTER,
    LETTER_WIDTH,
    NARROW,
    canvas,
    data,
    label_axis,
    layered,
)

# Of the colours from few to many.
_PALE, _DARK = (0xE3, 0xEE, 0xF6), (0x00, 0x50, 0x7D)
# Of a cell that is not to be compared with others by its colour.
_NEUTRAL = (0xEE, 0xEE, 0xEE)

# Of shares that may all be small, the least one in the darkest colour: a part of a percent is none.
DARKEST = 0.1

# On a phone there is room for so many.
NARROW_COLUMNS = 5

_LINE = LETTER + 2


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        text: what it shows, by line.
        part: its colour, from 0, the palest, to 1; None for one that is grey.
    """

    text: str
    part: float | None


def counted(number: int, largest: int) -> Cell:
    """A cell with a count; on a logarithmic scale, or English would leave the others white."""
    return Cell(f"{number:,}", math.log(number) / math.log(max(largest, 2)))


def heat_map(
    width: int,
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Mapping[tuple[str, str], Cell],
) -> alt.LayerChart | None:
    """Cells by row and column, some of them empty; None where there are none.

    Args:
        rows, columns: labels in order. A phone shows the first ``NARROW_COLUMNS`` columns.
    """
    if not cells:
        return None
    if width == NARROW:
        columns = columns[:NARROW_COLUMNS]
    lines = max(cell.text.count("\n") + 1 for cell in cells.values())
    left = max(len(row) for row in rows) * LETTER_WIDTH + 10
    if width == NARROW:
        left = min(left, width * 0.36)
    longest = max(len(column) for column in columns) * LETTER_WIDTH
    is_slanted = longest > (width - left) / len(columns) - 4
    # Slanted labels rise by about half their length and lean out to the right.
    slant = longest * 0.6 if is_slanted else 0
    base = alt.Chart(data(_shown(rows, columns, cells, lines))).encode(
        x=_column_axis(columns, is_slanted=is_slanted),
        y=label_axis("row", rows, left, alt.Scale(paddingInner=0.06)),
    )
    layers = [base.mark_rect().encode(color=alt.Color("ground:N", scale=None))]
    layers += [
        base.mark_text(baseline="middle", dy=(line - (lines - 1) / 2) * _LINE).encode(
            text=f"line_{line}:N", color=alt.Color("letters:N", scale=None)
        )
        for line in range(lines)
    ]
    return canvas(
        layered(layers),
        width,
        len(rows) * (26 + (lines - 1) * _LINE),
        left=left,
        right=slant,
        top=slant + 14 if is_slanted else LETTER + 12,
        bottom=4,
    )


def _shown(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Mapping[tuple[str, str], Cell],
    lines: int,
) -> Iterator[dict[str, Any]]:
    for row in rows:
        for column in columns:
            if cell := cells.get((row, column)):
                texts = [*cell.text.split("\n"), *[""] * lines]
                shown = {f"line_{line}": texts[line] for line in range(lines)}
                yield {"row": row, "column": column} | shown | colours(cell.part)


def _column_axis(columns: Sequence[str], *, is_slanted: bool) -> alt.X:
    """The labels above the table, slanted where there is no room for them side by side."""
    slanted: dict[str, Any] = {"labelAngle": -35, "labelAlign": "left"} if is_slanted else {}
    return alt.X(
        "column:N",
        sort=list(columns),
        title=None,
        axis=alt.Axis(
            orient="top",
            domain=False,
            ticks=False,
            labelColor=INK,
            labelPadding=4,
            **(slanted or {"labelAngle": 0}),
        ),
        scale=alt.Scale(paddingInner=0.04),
    )


def colours(part: float | None) -> dict[str, str]:
    """The colours of a cell and of the letters in it, which always can be read on it."""
    ground = (
        list(_NEUTRAL)
        if part is None
        else [round(low + part * (high - low)) for low, high in zip(_PALE, _DARK, strict=True)]
    )
    letters = max(
        ("#000000", (0, 0, 0)),
        ("#FFFFFF", (255, 255, 255)),
        key=lambda one: contrast(one[1], ground),
    )
    return {"ground": f"#{bytes(ground).hex().upper()}", "letters": letters[0]}


def contrast(one: Sequence[int], other: Sequence[int]) -> float:
    """The contrast of two colours as the WCAG have it; 4.5 is what letters need."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Sequence[int]) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
