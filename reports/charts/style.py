"""The things that all charts have in common: sizes, colours, letters, axes."""

import json
import math
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import altair as alt

# Widths in pixels: of the page's column, and of a phone's. Every chart is drawn for both.
WIDE = 720
NARROW = 358

# From Okabe and Ito's palette, which colour-blind people can tell apart; the orange is darkened,
# for it is also the colour of letters.
MAIN = "#0072B2"
ACCENT = "#B34700"
GREY = "#6B6B6B"
INK = "#222222"
GRID = "#DDDDDD"
# Inside of what has an outline in the accent, so that a print without colours tells it from MAIN.
TINT = "#F9E3D3"

# What a dark page has in place of each colour: as far from its ground as before, in the same order.
GROUND = "#16181B"
DARK = {
    "white": GROUND,
    INK: "#E6E6E6",
    GREY: "#ABABAB",
    GRID: "#3A3D41",
    MAIN: "#56B4E9",
    ACCENT: "#F2955A",
    TINT: "#4A2C1A",
}

# Metrically alike, so that letters fill the same space on any machine; the first is in vl-convert.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
LETTER = 12  # height of letters in pixels
LETTER_WIDTH = 6.3  # of an average letter of that height


@dataclass(frozen=True)
class Scale:
    """A vertical scale.

    Attributes:
        label: how a value reads at a tick.
        is_logarithmic: equal distances are equal ratios; else it begins at zero.
    """

    label: Callable[[float], str]
    is_logarithmic: bool = False

    def ticks(self, values: Iterable[float]) -> list[float]:
        """Round values from at or below the smallest to at or above the largest, in order."""
        values = [value for value in values if value is not None]
        if self.is_logarithmic:
            return _log_ticks([value for value in values if value > 0])
        return _linear_ticks(max(values, default=1) or 1)

    def place(self, value: float, ticks: list[float]) -> float:
        """The place of a value between the first tick, 0, and the last, 1."""
        low, high = ticks[0], ticks[-1]
        if self.is_logarithmic:
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)

    def axis(self, ticks: list[float], field: str = "value", *, is_labelled: bool = True) -> alt.Y:
        """The encoding of a field on this scale, with these ticks."""
        return alt.Y(
            f"{field}:Q",
            title=None,
            scale=alt.Scale(
                domain=[ticks[0], ticks[-1]],
                type="log" if self.is_logarithmic else "linear",
                nice=False,
            ),
            axis=alt.Axis(
                values=ticks,
                labels=is_labelled,
                labelExpr=labels({tick: self.label(tick) for tick in ticks}),
            ),
        )


# A chart of one kind of mark, or of several upon each other.
Drawing = TypeVar("Drawing", alt.Chart, alt.LayerChart)


def layered(layers: Sequence[alt.Chart]) -> alt.LayerChart:
    """Marks upon each other, the first one lowest."""
    return alt.LayerChart(layer=list(layers))


def canvas(
    chart: Drawing,
    width: int,
    height: int,
    *,
    left: float,
    right: float,
    top: float,
    bottom: float = 26,
) -> Drawing:
    """A chart laid out to a fixed size: margins hold the axes' and the lines' labels.

    Args:
        width: of the whole, in pixels.
        height: of the area within the axes.
        left, right, top, bottom: margins in pixels; by default the last holds one line.
    """
    laid_out: Drawing = chart.properties(
        width=width - round(left) - round(right),
        height=height,
        padding={
            "left": round(left),
            "right": round(right),
            "top": round(top),
            "bottom": round(bottom),
        },
        autosize="none",
    ).configure(**CONFIG)
    return laid_out


CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "white",
    "aria": False,  # the page describes a chart as a whole; a thousand labelled dots help nobody
    "view": {"stroke": None},
    # A missing value leaves a gap.
    "mark": {"invalid": "break-paths-show-domains"},
    "axis": {
        "domain": False,
        "ticks": False,
        "grid": True,
        "gridColor": GRID,
        "labelColor": GREY,
        "labelFontSize": LETTER,
        "labelPadding": 6,
        "labelLimit": 0,
        "labelOverlap": False,
    },
    "axisX": {"grid": False, "domain": True, "domainColor": INK, "ticks": True, "tickSize": 4},
    "text": {"fontSize": LETTER, "font": FONT},
    "legend": {
        "titleFontSize": LETTER,
        "titleFontWeight": "normal",
        "titleColor": GREY,
        "labelFontSize": LETTER,
        "labelColor": INK,
        "symbolStrokeWidth": 0,
        "labelLimit": 0,
        "titleLimit": 0,
    },
}


def labels(words: Mapping[float, str] | Mapping[str, list[str]]) -> str:
    """A Vega expression for the labels of an axis: each value in our own words, or their lines."""
    keyed = {
        value if isinstance(value, str) else f"{value:.15g}": shown
        for value, shown in words.items()
    }
    return f"{json.dumps(keyed)}[datum.value]"


def label_axis(field: str, names: Sequence[str], left: float, scale: alt.Scale) -> alt.Y:
    """The encoding of a field of names, in this order, in a margin of ``left`` pixels."""
    lines = {name: _lines(name, int(left / LETTER_WIDTH)) for name in names}
    broken = [name for name, shown in lines.items() if len(shown) > 1]
    return alt.Y(
        f"{field}:N",
        sort=list(names),
        title=None,
        scale=scale,
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


def years_axis(first: date, last: date, *, is_short: bool = False) -> alt.X:
    """The encoding of a field ``date`` on a scale of time, with a tick at each January.

    Args:
        is_short: whether a year is written with two digits, for want of room.
    """
    instants = [instant(first), instant(last)]
    years = [date(year, 1, 1) for year in range(first.year, last.year + 1)]
    margin = 15 * 86_400_000
    return alt.X(
        "date:T",
        title=None,
        scale=alt.Scale(
            type="utc", domain=[instants[0] - margin, instants[1] + margin], nice=False
        ),
        axis=alt.Axis(
            values=[instant(year) for year in years if first <= year <= last],
            format="’%y" if is_short else "%Y",
            labelFlush=False,
        ),
    )


def instant(day: date) -> int:
    """A date's beginning in UTC, in milliseconds as Vega counts them."""
    return (day - date(1970, 1, 1)).days * 86_400_000


def data(rows: Iterable[dict[str, Any]]) -> alt.Data:
    """Rows as a chart's data; dates become instants."""
    return alt.Data(  # type: ignore[no-untyped-call]
        values=[
            {
                key: instant(value) if isinstance(value, date) else value
                for key, value in row.items()
            }
            for row in rows
        ]
    )


def _linear_ticks(largest: float) -> list[float]:
    rough = largest / 5
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough * 0.999)
    # Rounded, for three times 0.2 is not 0.6.
    return [round(step * number, 12) for number in range(math.ceil(largest / step - 1e-9) + 1)]


def _log_ticks(values: list[float]) -> list[float]:
    if not values:
        return [1, 10]
    low, high = math.log10(min(values)), math.log10(max(values))
    # The more powers of ten, the fewer ticks within each.
    for steps in ((1, 2, 5), (1, 3), (1,)):
        ticks = [
            step * 10.0**power
            for power in range(math.floor(low) - 1, math.ceil(high) + 2)
            for step in steps
        ]
        first = max(index for index, tick in enumerate(ticks) if tick <= min(values) * 1.0001)
        last = min(index for index, tick in enumerate(ticks) if tick >= max(values) * 0.9999)
        if last - first <= 6:
            break
    return ticks[first : max(last, first + 1) + 1]


def _lines(label: str, letters: int) -> list[str]:
    """A label on two lines where one is too short for it."""
    return textwrap.wrap(label, letters, max_lines=2, placeholder=" …") or [""]
