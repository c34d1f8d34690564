"""Lines over time, with what makes them honest: gaps, ranges, breaks, the month still running."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import altair as alt

from reports.charts.style import (
    GREY,
    INK,
    LETTER,
    LETTER_WIDTH,
    NARROW,
    Scale,
    canvas,
    data,
    layered,
    years_axis,
)

Point = tuple[date, float | None]

# Letters are drawn upon white ones, for a line may pass where another one ends.
_AROUND_LETTERS: tuple[dict[str, Any], ...] = ({"stroke": "white", "strokeWidth": 4}, {})


@dataclass(frozen=True)
class Series:
    """One line.

    Attributes:
        name: what is written at its end, by line.
        colour: of line, range and name.
        points: complete periods, in order; None leaves a gap.
        running: the period that is not over yet: a hollow dot that no line leads to, where it lies
            within the axes, which it never sets.
        ranges: per point a low and a high value, drawn as a band.
        unreliable: periods whose value is of low reliability: a grey diamond.
        estimated: periods whose value is an estimate: the line to and from them is dashed,
            and a dot that no line reaches is hollow.
    """

    name: str
    colour: str
    points: Sequence[Point]
    running: tuple[date, float] | None = None
    ranges: Sequence[tuple[date, float | None, float | None]] = ()
    unreliable: Sequence[date] = ()
    estimated: Sequence[date] = ()


@dataclass(frozen=True)
class Break:
    """A day from which on the series means something else, or the world does.

    Attributes:
        name: short text written beside the line: a number that a note explains, or a word.
    """

    day: date
    name: str


def time_series(
    width: int,
    series: Sequence[Series],
    scale: Scale,
    *,
    breaks: Sequence[Break] = (),
    height: int | None = None,
) -> alt.LayerChart | None:
    """Lines over time on one scale; None where no point has a value."""
    series = [one for one in series if any(value is not None for _, value in one.points)]
    if not series:
        return None
    height = height or (240 if width == NARROW else 320)
    # Whole periods alone set both axes, with room for one more of them behind the last.
    days = sorted({day for one in series for day, _ in one.points})
    last = days[-1] + (days[-1] - days[-2] if len(days) > 1 else timedelta(0))
    ticks = scale.ticks(_values(series))
    series = [_within(one, last, ticks) for one in series]
    x = years_axis(days[0], last)
    y = scale.axis(ticks)

    layers = [layer for one in series for layer in _band(one, x, scale, ticks)]
    layers += _breaks([one for one in breaks if days[0] <= one.day <= last], x)
    layers += [layer for one in series for layer in _line(one, x, y)]
    layers += _names(series, x, y, scale, ticks, height)
    longest = max((len(line) for one in series for line in one.name.split("\n")), default=0)
    return canvas(
        layered(layers),
        width,
        height,
        left=max(len(scale.label(tick)) for tick in ticks) * LETTER_WIDTH + 12,
        right=longest * LETTER_WIDTH + 14,
        top=20,
    )


def _within(series: Series, last: date, ticks: list[float]) -> Series:
    """A series whose running period is left out where it lies beyond the axes."""
    if series.running is None:
        return series
    day, value = series.running
    slack = timedelta(days=3)  # a month has 28 to 31 days
    is_within = day <= last + slack and ticks[0] <= value <= ticks[-1]
    return series if is_within else replace(series, running=None)


def _values(series: Sequence[Series]) -> list[float]:
    values = [value for one in series for _, value in one.points]
    values += [bound for one in series for _, *bounds in one.ranges for bound in bounds]
    return [value for value in values if value is not None]


def _band(series: Series, x: alt.X, scale: Scale, ticks: list[float]) -> list[alt.Chart]:
    rows = [{"date": day, "low": low, "high": high} for day, low, high in series.ranges]
    layers = []
    for mark, shown in (("area", rows), ("rule", _alone(rows, "low"))):
        if shown:
            band = alt.Chart(data(shown)).encode(x=x, y=scale.axis(ticks, "low"), y2="high:Q")
            layers.append(
                band.mark_area(color=series.colour, opacity=0.18)
                if mark == "area"
                else band.mark_rule(color=series.colour, opacity=0.3, strokeWidth=3)
            )
    return layers


def _line(series: Series, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    rows = [{"date": day, "value": value} for day, value in series.points]
    # A line of hundreds of weeks must be thin to be one.
    width = 2 if len(rows) < 100 else 1.2
    stroke: dict[str, Any] = {"color": series.colour, "strokeWidth": width}
    estimated = set(series.estimated)
    layers = []
    for is_dashed, stretch in _stretches(rows, estimated):
        dash: dict[str, Any] = {"strokeDash": [4, 3]} if is_dashed else {}
        layers.append(alt.Chart(data(stretch)).mark_line(**(stroke | dash)).encode(x=x, y=y))
    alone = _alone(rows, "value")
    if exact := [row for row in alone if row["date"] not in estimated]:
        dots = alt.Chart(data(exact)).mark_circle(color=series.colour, size=26, opacity=1)
        layers.append(dots.encode(x=x, y=y))
    if hollow := [row for row in alone if row["date"] in estimated]:
        rings = alt.Chart(data(hollow)).mark_point(
            color=series.colour, size=26, strokeWidth=1.5, fill="white", opacity=1
        )
        layers.append(rings.encode(x=x, y=y))
    unreliable = set(series.unreliable)
    if grey := [row for row in rows if row["date"] in unreliable and row["value"] is not None]:
        diamonds = alt.Chart(data(grey)).mark_point(
            shape="diamond", color=GREY, filled=True, size=60, opacity=1
        )
        layers.append(diamonds.encode(x=x, y=y))
    if series.running:
        day, value = series.running
        layers.append(
            alt.Chart(data([{"date": day, "value": value}]))
            .mark_point(color=series.colour, size=38, strokeWidth=1.5, fill="white", opacity=1)
            .encode(x=x, y=y)
        )
    return layers


def _stretches(
    rows: Sequence[dict[str, Any]], estimated: set[date]
) -> list[tuple[bool, Sequence[dict[str, Any]]]]:
    """Cut a line where it becomes dashed, or ends to be; each cut is in both of its stretches."""
    if not estimated:
        return [(False, rows)]
    stretches: list[tuple[bool, list[dict[str, Any]]]] = []
    for before, row in pairwise(rows):
        is_dashed = not estimated.isdisjoint((before["date"], row["date"]))
        if not stretches or stretches[-1][0] != is_dashed:
            stretches.append((is_dashed, [before]))
        stretches[-1][1].append(row)
    return [(is_dashed, stretch) for is_dashed, stretch in stretches]


def _alone(rows: Sequence[dict[str, Any]], field: str) -> list[dict[str, Any]]:
    """Rows between two gaps: a line or an area does not show them."""
    around = [None, *(row[field] for row in rows), None]
    return [
        row
        for before, row, after in zip(around, rows, around[2:], strict=False)
        if row[field] is not None and before is None and after is None
    ]


def _breaks(breaks: Sequence[Break], x: alt.X) -> list[alt.Chart]:
    if not breaks:
        return []
    base = alt.Chart(data({"date": one.day, "name": one.name} for one in breaks)).encode(x=x)
    return [
        base.mark_rule(color=GREY, strokeDash=[3, 3]),
        base.mark_text(color=INK, baseline="bottom", dy=-4).encode(text="name:N", y=alt.value(0)),
    ]


def _names(
    series: Sequence[Series],
    x: alt.X,
    y: alt.Y,
    scale: Scale,
    ticks: list[float],
    height: int,
) -> list[alt.Chart]:
    """Each name at the end of its line, moved up or down where two would meet."""
    ends = []
    for one in series:
        day, value = next((day, v) for day, v in reversed(one.points) if v is not None)
        ends.append((height * (1 - scale.place(value, ticks)), day, value, one))
    ends.sort(key=lambda end: end[0])
    middles: list[float] = []
    lowest = float("-inf")
    for top, *_, one in ends:
        half = (LETTER + 2) * len(one.name.split("\n")) / 2
        middles.append(max(top, lowest + half))
        lowest = middles[-1] + half
    too_low = max(lowest - height, 0)
    # All that is white first: around a name it would hide letters of the one above.
    layers: dict[int, list[alt.Chart]] = {place: [] for place in range(len(_AROUND_LETTERS))}
    for (top, day, value, one), middle in zip(ends, middles, strict=True):
        lines = one.name.split("\n")
        if not one.name:
            continue
        last = one.running[0] if one.running and one.points[-1] == (day, value) else day
        end = alt.Chart(data([{"date": last, "value": value}]))
        for place, around in enumerate(_AROUND_LETTERS):
            words = end.mark_text(
                text=lines,
                color=one.colour,
                align="left",
                baseline="middle",
                lineHeight=LETTER + 2,
                dx=9,
                dy=middle - too_low - top - (len(lines) - 1) * (LETTER + 2) / 2,
                **around,
            )
            layers[place].append(words.encode(x=x, y=y))
    return [layer for same in layers.values() for layer in same]
