"""Horizontal bars, in the order given, each with its value in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from reports.charts.style import (
    ACCENT,
    GREY,
    LETTER_WIDTH,
    MAIN,
    NARROW,
    TINT,
    canvas,
    data,
    label_axis,
    layered,
)

_OUTLINE = 1.2  # width in pixels


@dataclass(frozen=True)
class Bar:
    """One label with one value, or two to be compared.

    Attributes:
        values: lengths, one for each name in ``bars``.
        texts: the same in words.
    """

    label: str
    values: Sequence[float]
    texts: Sequence[str]


def bars(width: int, rows: Sequence[Bar], names: Sequence[str] = ("",)) -> alt.LayerChart | None:
    """Bars side by side under each label; None where there is none.

    Args:
        names: of what is compared, shown as a legend where there are two.
    """
    if not rows:
        return None
    pairs = [
        {"label": row.label, "name": name, "value": value, "text": text}
        for row in rows
        for name, value, text in zip(names, row.values, row.texts, strict=True)
    ]
    is_compared = len(names) > 1
    longest = max(len(row.label) for row in rows) * LETTER_WIDTH
    left = min(longest, width * (0.34 if width == NARROW else 0.35)) + 10
    right = max(len(text) for row in rows for text in row.texts) * LETTER_WIDTH + 12
    base = alt.Chart(data(pairs)).encode(
        x=alt.X(
            "value:Q",
            axis=None,
            scale=alt.Scale(domain=[0, max(max(row.values) for row in rows) or 1], nice=False),
        ),
        y=label_axis(
            "label",
            [row.label for row in rows],
            left,
            alt.Scale(paddingInner=0.3, paddingOuter=0.1),
        ),
    )
    if is_compared:
        base = base.encode(
            yOffset=alt.YOffset("name:N", sort=list(names), scale=alt.Scale(paddingInner=0.1))
        )
    layers = [
        base.mark_bar(strokeWidth=_OUTLINE).encode(**_colours(names, left)),
        base.mark_text(align="left", dx=5, baseline="middle", color=GREY).encode(text="text:N"),
    ]
    row_height = 38 if is_compared else 24
    return canvas(
        layered(layers),
        width,
        len(rows) * row_height,
        left=left,
        right=right,
        top=32 if is_compared else 4,
        bottom=4,
    )


def _colours(names: Sequence[str], left: float) -> dict[str, alt.Fill | alt.Stroke]:
    """The colours of what is compared, with a legend where there are two.

    The first is filled, the second an outline: in black and white they differ, too.
    """
    legend = alt.Legend(
        title=None,
        orient="none",
        direction="horizontal",
        legendX=4 - left,
        legendY=-26,
        symbolType="square",
        symbolStrokeWidth=_OUTLINE,
    )
    shown: dict[str, Any] = {"sort": list(names), "legend": legend if len(names) > 1 else None}

    def scale(*colours: str) -> alt.Scale:
        return alt.Scale(domain=list(names), range=list(colours[: len(names)]))

    return {
        "fill": alt.Fill("name:N", scale=scale(MAIN, TINT), **shown),
        "stroke": alt.Stroke("name:N", scale=scale(MAIN, ACCENT), **shown),
    }
