"""The promises that the shapes of charts make."""

import math
import re
from datetime import date
from typing import Any

import pytest

from reports import text
from reports.charts import (
    MAIN,
    NARROW,
    WIDE,
    Bar,
    Break,
    Bubble,
    Panel,
    Scale,
    Series,
    bars,
    bubbles,
    counted,
    heat_map,
    panels,
    time_series,
)
from reports.charts.heat_map import colours, contrast
from reports.figures import sections
from reports.marking import PARTIAL, SYNTHETIC
from reports.render import draw, with_words

MONTHS = [date(2024 + month // 12, month % 12 + 1, 1) for month in range(18)]
COUNTS = Scale(text.count)


def series(values: list[float | None], **options: Any) -> Series:
    return Series("All", MAIN, list(zip(MONTHS, values, strict=False)), **options)


def layers(chart: Any, mark: str) -> list[dict[str, Any]]:
    """The layers of a chart that are drawn with a mark, each with its ``rows``."""
    return [
        layer | {"rows": layer["data"]["values"]}
        for layer in chart.to_dict()["layer"]
        if layer["mark"]["type"] == mark
    ]


def strokes(svg: str, mark: str) -> int:
    """Count how often the pen is put down in the paths of a mark."""
    groups = re.findall(rf'class="mark-{mark} role-mark[^"]*"[^>]*>(.*?)</g>', svg, re.DOTALL)
    return sum(path.count("M") for path in re.findall(r' d="([^"]*)"', "".join(groups)))


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_every_chart_is_valid_vega_lite(data, width: int):
    charts = [figure.chart for section in sections(data) for figure in section.figures]
    drawn = [chart(width) for chart in charts if chart]
    for chart in drawn:
        if chart is not None:
            chart.to_dict()  # raises where it is not
    assert sum(chart is not None for chart in drawn) > 10


def test_the_running_month_is_never_drawn_as_a_fall():
    running = (date(2024, 7, 1), 4)
    chart = time_series(WIDE, [series([100, 110, 120, 130, 140, 150], running=running)], COUNTS)
    (line,) = layers(chart, "line")
    assert [row["value"] for row in line["rows"]] == [100, 110, 120, 130, 140, 150]
    (dot,) = layers(chart, "point")
    assert [row["value"] for row in dot["rows"]] == [4]
    assert dot["mark"]["fill"] == "white"


@pytest.mark.parametrize("running", [4, 5, 100, 10_000])
def test_the_running_month_never_sets_an_axis(running: float):
    scale = Scale(text.count, is_logarithmic=True)
    values = [100, 110, 120, 130, 140, 150]
    ended = time_series(WIDE, [series(values)], scale)
    running_month = series(values, running=(MONTHS[6], running))
    chart = time_series(WIDE, [running_month], scale)

    def axes(chart: Any) -> list[Any]:
        encoding = layers(chart, "line")[0]["encoding"]
        return [encoding[axis]["scale"]["domain"] for axis in ("x", "y")]

    assert axes(chart) == axes(ended)
    # Beyond the axes a dot would lie on other things, or nowhere.
    assert len(layers(chart, "point")) == (running == 100)


def test_a_series_of_the_running_month_alone_is_no_chart():
    assert time_series(WIDE, [Series("All", MAIN, [], running=(MONTHS[0], 5))], COUNTS) is None


def test_the_number_in_every_cell_can_be_read():
    for largest in (1, 2, 300, 10**6):
        values = {1, 2, *(round(largest ** (part / 50)) for part in range(51))}
        for value in (value for value in values if value <= max(largest, 1)):
            shown = colours(counted(value, largest).part)
            ground, letters = (bytes.fromhex(shown[key][1:]) for key in ("ground", "letters"))
            assert contrast(ground, letters) >= 4.5, (value, largest)


def test_a_suppressed_month_leaves_a_gap_and_no_zero():
    whole = time_series(WIDE, [series([5, 6, 7, 8, 9, 10])], COUNTS)
    broken = time_series(WIDE, [series([5, 6, None, None, 9, 10])], COUNTS)
    assert strokes(draw(whole, "whole", marking=None).svg, "line") == 1
    assert strokes(draw(broken, "broken", marking=None).svg, "line") == 2
    (line,) = layers(broken, "line")
    assert [row["value"] for row in line["rows"]] == [5, 6, None, None, 9, 10]


def test_a_month_between_two_gaps_is_still_seen():
    chart = time_series(WIDE, [series([5, None, 7, None, 9, 10])], COUNTS)
    (dots,) = layers(chart, "circle")
    assert [row["value"] for row in dots["rows"]] == [5, 7]


def test_a_range_has_the_gaps_of_its_line():
    values = [5, 6, None, 8, 9, 10]
    ranges = [
        (month, value and value / 2, value and value * 2)
        for month, value in zip(MONTHS, values, strict=False)
    ]
    chart = time_series(WIDE, [series(values, ranges=ranges)], COUNTS)
    assert strokes(draw(chart, "range", marking=None).svg, "area") == 2


def test_a_break_outside_of_the_series_does_not_stretch_it():
    breaks = [Break(date(2019, 1, 1), "1"), Break(date(2024, 3, 1), "2")]
    chart = time_series(WIDE, [series([1, 2, 3, 4])], COUNTS, breaks=breaks)
    assert [row["name"] for layer in layers(chart, "rule") for row in layer["rows"]] == ["2"]


def test_names_of_lines_that_end_together_do_not_cover_each_other():
    one, other = Series("One", MAIN, [(MONTHS[0], 10)]), Series("Other", MAIN, [(MONTHS[0], 10)])
    chart = time_series(WIDE, [one, other], COUNTS)
    first, second = {layer["mark"]["dy"] for layer in layers(chart, "text")}
    assert abs(first - second) >= 12


@pytest.mark.parametrize("name", ["All", "No known\nparent"])
def test_names_at_the_bottom_stay_above_the_axis(name: str):
    lines = [Series(name, MAIN, [(MONTHS[0], 100), (MONTHS[1], value)]) for value in (0, 1)]
    chart = time_series(WIDE, lines, COUNTS)
    for layer in layers(chart, "text"):
        assert layer["mark"]["dy"] + len(name.split("\n")) * 7 <= 320 * 0.01 + 7


def test_a_long_label_is_broken_and_not_cut():
    chart = bars(NARROW, [Bar("Automatic Speech Recognition", [1], ["1"])])
    expression = chart.to_dict()["layer"][0]["encoding"]["y"]["axis"]["labelExpr"]
    assert '["Automatic Speech", "Recognition"]' in expression


def test_a_circle_of_unknown_shade_is_not_drawn_as_the_palest():
    chart = bubbles(WIDE, [Bubble(1, 1, 5, None), Bubble(2, 1, 5, 0)], {1: "1"}, {1: "1"}, "Likes")
    assert [row["shade"] for row in chart.to_dict()["data"]["values"]] == ["not known", "under 0.5"]
    assert "not known" in chart.to_dict()["encoding"]["color"]["scale"]["domain"]


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_without_data_there_is_no_chart(width: int):
    assert time_series(width, [series([None, None])], COUNTS) is None
    assert bars(width, []) is None
    assert bubbles(width, [], {}, {}, "Likes") is None
    assert heat_map(width, [], [], {}) is None
    assert panels(width, [Panel("NLP", [(MONTHS[0], None)])], COUNTS) is None


@pytest.mark.parametrize(
    ("scale", "values", "ticks"),
    [
        (COUNTS, [3, 1822], [0, 500, 1000, 1500, 2000]),
        (COUNTS, [0.583], [0, 0.2, 0.4, 0.6]),
        (COUNTS, [], [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (Scale(text.usd, is_logarithmic=True), [900, 2.3e6], [300, 1e3, 1e4, 1e5, 1e6, 1e7]),
        (Scale(text.usd, is_logarithmic=True), [4, 4], [2, 5]),
        (Scale(text.usd, is_logarithmic=True), [], [1, 10]),
    ],
)
def test_ticks_are_round_and_hold_all_values(scale, values, ticks):
    made = scale.ticks(values)
    if ticks[0] != 300:
        assert made == pytest.approx(ticks)
    assert made[0] <= min(values, default=made[0])
    assert made[-1] >= max(values, default=made[-1])
    assert all(math.isclose(float(f"{tick:.2g}"), tick) for tick in made)


def test_a_chart_of_its_own_has_all_its_words():
    picture = draw(time_series(WIDE, [series([1, 2, 3])], COUNTS), "x", marking=SYNTHETIC)
    svg = with_words(
        picture,
        heading="A heading with <tags> & more",
        unit="Models per month",
        footer=["Source: us."],
        description="A line.",
        marking=SYNTHETIC,
    )
    assert "A heading with &lt;tags&gt; &amp; more" in svg
    assert "<desc>A line.</desc>" in svg
    assert all(words in svg for words in ("Models per month", "Source: us.", "SYNTHETIC DATA"))


def test_the_parts_of_a_picture_call_themselves_nothing():
    svg = draw(time_series(WIDE, [series([1, 2, 3])], COUNTS), "x", marking=PARTIAL).svg
    assert "PART OF A LISTING</text>" in svg
    assert not re.search(r"<[^>]* (?:role|aria-\w+)=", svg)
