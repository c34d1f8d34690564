"""Charts: one shape a module, all drawn in the style of ``style``.

A chart is a Vega-Lite specification as Altair builds it. Titles, units and sources are not in it:
the page sets them in HTML, and ``reports.render`` adds them to the files.
"""

from reports.charts.bars import Bar, bars
from reports.charts.bubbles import Bubble, bubbles
from reports.charts.heat_map import DARKEST, NARROW_COLUMNS, Cell, counted, heat_map
from reports.charts.panels import Panel, panels
from reports.charts.style import ACCENT, GREY, MAIN, NARROW, WIDE, Scale
from reports.charts.time_series import Break, Series, time_series
from reports.charts.tree import Branch, tree

__all__ = [
    "ACCENT",
    "DARKEST",
    "GREY",
    "MAIN",
    "NARROW",
    "NARROW_COLUMNS",
    "WIDE",
    "Bar",
    "Branch",
    "Break",
    "Bubble",
    "Cell",
    "Panel",
    "Scale",
    "Series",
    "bars",
    "bubbles",
    "counted",
    "heat_map",
    "panels",
    "time_series",
    "tree",
]
