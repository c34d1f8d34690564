"""Very many things on two scales: each circle stands for all those that fall together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from reports.charts.style import GREY, LETTER_WIDTH, NARROW, canvas, data, labels

# Steps of the colour: below the first, between two, above the last.
_STEPS = (0.5, 2, 8, 32)
_STEP_NAMES = ("under 0.5", "0.5 to 2", "2 to 8", "8 to 32", "over 32")
# From light to dark and from green to violet, so that the smallest circle differs from its ground
# (3 : 1 at least) and from its neighbour, and in black and white they still are in order.
_STEP_COLOURS = ("#3AA06B", "#1F8A8C", "#31688E", "#443983", "#26003A")
_UNKNOWN, _UNKNOWN_COLOUR = "not known", "#8C8C8C"
# On a dark page from dim to bright.
_STEPS_ON_DARK = ("#3D6FA0", "#2E9E9A", "#4DBE77", "#A5DB36", "#FDE725")
DARK_STEPS = dict(zip(_STEP_COLOURS, _STEPS_ON_DARK, strict=True))


@dataclass(frozen=True)
class Bubble:
    """Things that fall together.

    Attributes:
        x, y: their place, in steps of the scales.
        things: how many: the circle's area.
        shade: what colours it, such as their typical likes; None where it is not known.
    """

    x: float
    y: float
    things: int
    shade: float | None


def bubbles(
    width: int,
    rows: Sequence[Bubble],
    x_labels: dict[float, str],
    y_labels: dict[float, str],
    shade_name: str,
) -> alt.Chart | None:
    """Circles between labelled steps; None where there is none.

    Args:
        x_labels, y_labels: the steps that are ticks, with their words.
        shade_name: title of the legend.
    """
    if not rows:
        return None
    shades = dict(zip(_STEP_NAMES, _STEP_COLOURS, strict=True))
    if any(row.shade is None for row in rows):
        shades[_UNKNOWN] = _UNKNOWN_COLOUR
    largest = 130 if width == NARROW else 400
    left = max(len(label) for label in y_labels.values()) * LETTER_WIDTH + 14
    chart: alt.Chart = (
        alt.Chart(
            data(
                {"x": row.x, "y": row.y, "things": row.things, "shade": _step(row.shade)}
                for row in sorted(rows, key=lambda row: -row.things)
            )
        )
        .mark_circle(opacity=0.9, stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X("x:Q", **_axis([row.x for row in rows], x_labels)),
            y=alt.Y("y:Q", **_axis([row.y for row in rows], y_labels)),
            size=alt.Size(
                "things:Q",
                legend=None,
                scale=alt.Scale(domain=[0, max(row.things for row in rows)], range=[16, largest]),
            ),
            color=_colour(shades, shade_name, width, left),
        )
    )
    return canvas(
        chart,
        width,
        300 if width == NARROW else 360,
        left=left,
        right=16,
        top=72 if width == NARROW else 54,
    )


def _colour(shades: dict[str, str], title: str, width: int, left: float) -> alt.Color:
    """A colour for each shade, with a legend above the chart, from its left edge on."""
    is_narrow = width == NARROW
    return alt.Color(
        "shade:N",
        sort=list(shades),
        scale=alt.Scale(domain=list(shades), range=list(shades.values())),
        legend=alt.Legend(
            title=title,
            orient="none",
            direction="horizontal",
            columns=3 if is_narrow else 6,
            legendX=4 - left,
            legendY=-64 if is_narrow else -46,
            symbolType="circle",
            symbolSize=70,
        ),
    )


def _axis(values: Sequence[float], ticks: dict[float, str]) -> dict[str, Any]:
    """The options of a scale with labelled steps, for either direction."""
    shown = [*values, *ticks]
    return {
        "title": None,
        "scale": alt.Scale(domain=[min(shown) - 0.6, max(shown) + 0.6], nice=False),
        "axis": alt.Axis(values=list(ticks), labelExpr=labels(ticks), labelColor=GREY, grid=True),
    }


def _step(value: float | None) -> str:
    if value is None:
        return _UNKNOWN
    return _STEP_NAMES[sum(value >= step for step in _STEPS)]
