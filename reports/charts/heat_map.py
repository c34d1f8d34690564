"""A table whose cells are coloured by their values and show them."""

import math
from collections.abc import Sequence

import altair as alt

from reports.charts.style import INK, LETTER_WIDTH, NARROW, canvas, data, layered

# Of the colours from few to many.
_PALE, _DARK = (0xE3, 0xEE, 0xF6), (0x00, 0x50, 0x7D)

# On a phone there is room for so many.
NARROW_COLUMNS = 5


def heat_map(
    width: int, rows: Sequence[str], columns: Sequence[str], cells: dict[tuple[str, str], int]
) -> alt.LayerChart | None:
    """Counts by row and column, a cell without one empty; None where there are none.

    Args:
        rows, columns: labels in order. A phone shows the first ``NARROW_COLUMNS`` columns.
    """
    if not cells:
        return None
    if width == NARROW:
        columns = columns[:NARROW_COLUMNS]
    largest = max(cells.values())
    shown = [
        {"row": row, "column": column, "text": f"{value:,}"} | colours(value, largest)
        for row in rows
        for column in columns
        if (value := cells.get((row, column)))
    ]
    left = max(len(row) for row in rows) * LETTER_WIDTH + 10
    base = alt.Chart(data(shown)).encode(
        x=_column_axis(columns),
        y=alt.Y(
            "row:N",
            sort=list(rows),
            title=None,
            axis=alt.Axis(grid=False, labelColor=INK),
            scale=alt.Scale(paddingInner=0.06),
        ),
    )
    layers = [
        base.mark_rect().encode(color=alt.Color("ground:N", scale=None)),
        base.mark_text(baseline="middle").encode(
            text="text:N", color=alt.Color("letters:N", scale=None)
        ),
    ]
    # Slanted labels rise by about half their length and lean out to the right.
    slant = max(len(column) for column in columns) * LETTER_WIDTH * 0.6
    return canvas(
        layered(layers),
        width,
        len(rows) * 26,
        left=left,
        right=slant,
        top=slant + 14,
        bottom=4,
    )


def _column_axis(columns: Sequence[str]) -> alt.X:
    """The labels above the table, slanted."""
    return alt.X(
        "column:N",
        sort=list(columns),
        title=None,
        axis=alt.Axis(
            orient="top",
            domain=False,
            ticks=False,
            labelAngle=-35,
            labelAlign="left",
            labelColor=INK,
            labelPadding=4,
        ),
        scale=alt.Scale(paddingInner=0.04),
    )


def colours(value: int, largest: int) -> dict[str, str]:
    """The colours of a cell and of the number in it, which always can be read on it.

    On a logarithmic scale, or English would leave the others white.
    """
    part = math.log(value) / math.log(max(largest, 2))
    ground = [round(low + part * (high - low)) for low, high in zip(_PALE, _DARK, strict=True)]
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
