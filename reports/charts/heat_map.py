"""A table whose cells are coloured by their values and show them."""

from collections.abc import Sequence

import altair as alt

from reports.charts.style import INK, LETTER_WIDTH, NARROW, canvas, data

_PALE, _DARK = "#E3EEF6", "#00507D"


def heat_map(
    width: int, rows: Sequence[str], columns: Sequence[str], cells: dict[tuple[str, str], int]
) -> alt.LayerChart | None:
    """Counts by row and column, a cell without one empty; None where there are none.

    Args:
        rows, columns: labels in order. A phone shows the first five columns.
    """
    if not cells:
        return None
    if width == NARROW:
        columns = columns[:5]
    shown = [
        {"row": row, "column": column, "value": cells[row, column], "text": f"{value:,}"}
        for row in rows
        for column in columns
        if (value := cells.get((row, column)))
    ]
    largest = max((cell["value"] for cell in shown), default=1)
    left = max(len(row) for row in rows) * LETTER_WIDTH + 10
    base = alt.Chart(data(shown)).encode(
        x=alt.X(
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
        ),
        y=alt.Y(
            "row:N",
            sort=list(rows),
            title=None,
            axis=alt.Axis(grid=False, labelColor=INK),
            scale=alt.Scale(paddingInner=0.06),
        ),
    )
    layers = [
        base.mark_rect().encode(
            color=alt.Color(
                "value:Q",
                legend=None,
                # Of a logarithmic scale, or English would leave the others white.
                scale=alt.Scale(type="log", domain=[1, max(largest, 2)], range=[_PALE, _DARK]),
            )
        ),
        base.mark_text(baseline="middle").encode(
            text="text:N",
            color=alt.condition(
                f"datum.value > {max(largest, 2) ** 0.6}", alt.value("white"), alt.value(INK)
            ),
        ),
    ]
    # Slanted labels rise by about half their length and lean out to the right.
    slant = max(len(column) for column in columns) * LETTER_WIDTH * 0.6
    return canvas(
        alt.layer(*layers),
        width,
        len(rows) * 26,
        left=left,
        right=slant,
        top=slant + 14,
        bottom=4,
    )
