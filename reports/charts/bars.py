"""Horizontal bars, in the order given, each with its value in words."""

import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from reports.charts.style import (
    ACCENT,
    GREY,
    INK,
    LETTER,
    LETTER_WIDTH,
    MAIN,
    NARROW,
    canvas,
    data,
    labels,
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
    right = max(len(pair["text"]) for pair in pairs) * LETTER_WIDTH + 12
    lines = {row.label: _lines(row.label, int(left / LETTER_WIDTH)) for row in rows}
    broken = [label for label, shown in lines.items() if len(shown) > 1]
    y = alt.Y(
        "label:N",
        sort=[row.label for row in rows],
        title=None,
        scale=alt.Scale(paddingInner=0.3, paddingOuter=0.1),
        axis=alt.Axis(
            grid=False,
            domain=False,
            labelColor=INK,
            labelLimit=left - 8,
            labelPadding=6,
            labelLineHeight=LETTER,
            labelExpr=labels(lines),
            # Vega centres the first of two lines and not both.
            labelOffset={
                "condition": {
                    "test": f"indexof({json.dumps(broken)}, datum.value) >= 0",
                    "value": -LETTER / 2,
                },
                "value": 0,
            },
        ),
    )
    base = alt.Chart(data(pairs)).encode(
        x=alt.X(
            "value:Q",
            axis=None,
            scale=alt.Scale(domain=[0, max(pair["value"] for pair in pairs) or 1], nice=False),
        ),
        y=y,
    )
    if is_compared:
        base = base.encode(
            yOffset=alt.YOffset("name:N", sort=list(names), scale=alt.Scale(paddingInner=0.1))
        )
    colour = alt.Color(
        "name:N",
        sort=list(names),
        scale=alt.Scale(domain=list(names), range=[MAIN, ACCENT][: len(names)]),
        legend=alt.Legend(
            title=None, orient="none", direction="horizontal", legendX=4 - left, legendY=-26
        )
        if is_compared
        else None,
    )
    layers = [
        base.mark_bar().encode(color=colour),
        base.mark_text(align="left", dx=5, baseline="middle", color=GREY).encode(text="text:N"),
    ]
    row_height = 38 if is_compared else 24
    return canvas(
        alt.layer(*layers),
        width,
        len(rows) * row_height,
        left=left,
        right=right,
        top=32 if is_compared else 4,
        bottom=4,
    )


def _lines(label: str, letters: int) -> list[str]:
    """A label on two lines where one is too short for it."""
    return textwrap.wrap(label, letters, max_lines=2, placeholder=" …") or [""]
