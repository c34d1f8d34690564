"""Small charts of one kind side by side, on the same scales."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import wrap
from typing import Any

import altair as alt

from reports.charts.style import CONFIG, INK, LETTER, MAIN, NARROW, Scale, data, years_axis
from reports.charts.time_series import Break

# As long as Natural Language Processing. A longer name would run into the next panel's.
LETTERS_A_LINE = 27


@dataclass(frozen=True)
class Panel:
    """One small chart: an area over time.

    Attributes:
        points: complete periods, in order; None leaves a gap.
        breaks: days marked in this panel alone.
    """

    name: str
    points: Sequence[tuple[date, float | None]]
    breaks: Sequence[Break] = ()


def panels(width: int, rows: Sequence[Panel], scale: Scale) -> Any:
    """Small charts, two in a row on a phone and four on a page; None where no point has a value."""
    if all(value is None for panel in rows for _, value in panel.points):
        return None
    in_a_row = 2 if width == NARROW else 4
    gap, left = 18, 44
    size = {"width": (width - left - gap * (in_a_row - 1)) / in_a_row, "height": 84}
    days = [day for panel in rows for day, _ in panel.points]
    values = (value for panel in rows for _, value in panel.points)
    ticks = scale.ticks(value for value in values if value is not None)
    x = years_axis(min(days), max(days), is_short=True)
    names = [wrap(panel.name, LETTERS_A_LINE) for panel in rows]
    charts = []
    for index, (panel, lines) in enumerate(zip(rows, names, strict=True)):
        y = scale.axis(ticks, is_labelled=index % in_a_row == 0)
        area = alt.Chart(data({"date": day, "value": value} for day, value in panel.points))
        layers = [area.mark_area(color=MAIN, opacity=0.85).encode(x=x, y=y)]
        if panel.breaks:
            marks = alt.Chart(data({"date": one.day, "name": one.name} for one in panel.breaks))
            layers += [
                marks.mark_rule(color=INK, strokeDash=[3, 3]).encode(x=x),
                # Above the area, on which dark letters could not be read.
                marks.mark_text(color=INK, baseline="bottom", fontSize=LETTER - 2, dy=-1).encode(
                    x=x, y=alt.value(0), text="name:N"
                ),
            ]
        layers += _end(panel, x, y, scale)
        name = alt.Chart().mark_text(
            text=lines,
            fontWeight="bold",
            fontSize=LETTER - 1,
            color=INK,
            align="left",
            baseline="bottom",
            dy=-13 - LETTER * (len(lines) - 1),
        )
        layers.append(name.encode(x=alt.value(0), y=alt.value(0)))
        charts.append(alt.layer(*layers).properties(**size))
    # Flush: by their axes, so that all are of one size whether their labels are drawn or not.
    spacing = {"row": 46 + LETTER * max(map(len, names)), "column": gap}
    return alt.concat(*charts, columns=in_a_row, spacing=spacing, bounds="flush").configure(
        **CONFIG
    )


def _end(panel: Panel, x: alt.X, y: alt.Y, scale: Scale) -> list[alt.Chart]:
    """The last value in words, above the end of the area."""
    known = [(day, value) for day, value in panel.points if value is not None]
    if not known:
        return []
    day, value = known[-1]
    last = alt.Chart(data([{"date": day, "value": value}])).encode(x=x, y=y)
    words: dict[str, Any] = {
        "text": scale.label(value),
        "align": "right",
        "baseline": "bottom",
        "dx": 3,
        "dy": -3,
    }
    return [
        # White around it, for an earlier month can be higher.
        last.mark_text(**words, color=INK, fontSize=LETTER - 1, stroke="white", strokeWidth=3),
        last.mark_text(**words, color=INK, fontSize=LETTER - 1, fontWeight="bold"),
    ]
