"""Colours of the charts: on a dark page, in a print without colours, to who sees few of them."""

import re
from base64 import b64decode
from datetime import date

import altair as alt

from reports.charts import ACCENT, GREY, MAIN, WIDE, Bar, Panel, Scale, bars, panels
from reports.charts.bubbles import DARK_STEPS
from reports.charts.heat_map import contrast
from reports.charts.style import DARK, GROUND, INK, TINT
from reports.render import draw
from reports.text import share
from tests.reports.conftest import Report

# The same on both grounds: cells with their letters, what is not known, lines of an axis.
OF_BOTH = {"none", "#000000", "#FFFFFF", "#EEEEEE", "#8C8C8C", "#888", "transparent"}


def rgb(colour: str) -> list[int]:
    return list(bytes.fromhex(colour.removeprefix("#")))


def test_every_colour_on_the_page_has_one_for_a_dark_page(report: Report):
    found = re.findall(r'"data:image/svg\+xml;base64,([^"]*)"', report.html)
    assert len(found) > 30
    for address in found:
        svg = b64decode(address).decode()
        assert "@media screen and (prefers-color-scheme:dark){[fill=" in svg
        used = set(re.findall(r'\b(?:fill|stroke)="([^"]*)"', svg))
        others = used - DARK.keys() - DARK_STEPS.keys() - OF_BOTH
        # Grounds of a heat map, from pale to dark blue: their letters are chosen for them.
        assert all(re.fullmatch(r"#[0-9A-F]{6}", one) for one in others), others
        assert not others or "mark-rect" in svg, others
    # A file goes on white paper, whoever opens it.
    for chart in (report.folder / "charts").glob("*.svg"):
        assert "prefers-color-scheme" not in chart.read_text("utf-8")


def test_what_is_read_on_a_dark_page_stands_out_from_it():
    for colour in (INK, GREY, MAIN, ACCENT):
        assert contrast(rgb(DARK[colour]), rgb(GROUND)) >= 4.5, colour
    steps = [contrast(rgb(colour), rgb(GROUND)) for colour in DARK_STEPS.values()]
    assert min(steps) >= 3
    assert steps == sorted(steps)


def test_two_bars_differ_in_a_print_without_colours():
    chart = bars(WIDE, [Bar("A", [0.2, 0.4], ["20%", "40%"])], ["Models", "Downloads"])
    svg = draw(chart, "bars", marking=None).svg
    assert {MAIN, TINT} <= set(re.findall(r'fill="([^"]*)"', svg))
    assert contrast(rgb(MAIN), rgb(TINT)) >= 3
    assert contrast(rgb(ACCENT), rgb("#FFFFFF")) >= 3  # its outline


def test_a_small_chart_says_its_last_value():
    months = [date(2025, month, 1) for month in (1, 2, 3)]
    points = list(zip(months, (0.25, 0.43, None), strict=True))
    chart = panels(WIDE, [Panel("NLP", points)], Scale(share))
    assert isinstance(chart, alt.ConcatChart)
    svg = draw(chart, "panels", marking=None).svg
    assert svg.count(">43%</text>") == 2  # on white letters
