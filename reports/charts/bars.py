"""Horizontal bars, in the order given, each with its value in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from reports.charts.style import (
    ACCENT,
    GREY,
    LETTER_WIDTH,
    MAIN,
    NARROW,
    canvas,
    data,
    label_axis,
    layered,
)


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
        base.mark_bar().encode(color=_colour(names, left)),
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


def _colour(names: Sequence[str], left: float) -> alt.Color:
    """The colours of what is compared, with a legend where there are two."""
    legend = alt.Legend(
        title=None, orient="none", direction="horizontal", legendX=4 - left, legendY=-26
    )
    return alt.Color(
        "name:N",
        sort=list(names),
        scale=alt.Scale(domain=list(names), range=[MAIN, ACCENT][: len(names)]),
        legend=legend if len(names) > 1 else None,
    )
