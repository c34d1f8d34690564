"""The explorer as a document: its template, style, scripts and data, and the policy that holds."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import altair
import vl_convert
from markupsafe import Markup

from reports import credit
from reports.catalogue import as_script
from reports.explorer.tables import STATUS, Read, compact, measures
from reports.explorer.views import VIEWS
from reports.extracts import FORMULA
from reports.files import path_of
from reports.html import load_template, policy_hash
from reports.report_data import ReportData
from reports.sdmx import CodeLists
from reports.sdmx.code_lists import STATUSES
from reports.tableau import caption

_HERE = Path(__file__).parent
# In the order in which one needs the others.
_SCRIPTS = (
    *("data.js", "state.js", "style.js", "ticks.js", "lines.js", "bars.js"),
    *("hover.js", "files.js", "controls.js", "explore.js"),
)


def write_explorer(
    tables: Sequence[Read], lists: CodeLists, data: ReportData, folder: Path
) -> None:
    """Write the explorer beside the page.

    Args:
        tables: as ``read_tables`` gives them.
        lists: names of codes.
    """
    css = (_HERE / "explore.css").read_text("utf-8")
    scripts = [_vega(), _own_script()]
    html = load_template(_HERE, "explore.html.j2").render(
        css=Markup(css),
        css_hash=policy_hash(css),
        scripts=[Markup(script) for script in scripts],
        script_hashes=[policy_hash(script) for script in scripts],
        content=Markup(as_script(content(tables, lists, data))),
        views=VIEWS,
        marking=data.marking,
        source=credit.source(data),
        licence=credit.LICENCE,
        licence_url=credit.LICENCE_URL,
        methodology=credit.METHODOLOGY,
    )
    (folder / credit.EXPLORER).write_text(html, encoding="utf-8")


def content(tables: Sequence[Read], lists: CodeLists, data: ReportData) -> dict[str, Any]:
    """Gather what the scripts need: views, tables, and what goes with each."""
    marking = data.marking
    return {
        "views": [
            {
                "key": view.key,
                "title": view.title,
                "tables": [table.table for table in view.tables],
            }
            for view in VIEWS
        ],
        "tables": {one.explored.table: _table(one, lists, data) for one in tables},
        "statuses": STATUSES,
        "source": credit.source(data),
        "licence": credit.LICENCE,
        "snapshot": data.snapshot_date.isoformat(),
        "mark": f"{marking.label}: {marking.warning}" if marking else "",
        "label": marking.label if marking else "",
        "heading": marking.heading if marking else "",
        "formula": FORMULA,
    }


def _table(one: Read, lists: CodeLists, data: ReportData) -> dict[str, Any]:
    explored = one.explored
    return {
        "name": explored.name,
        "title": caption(explored.table),
        "about": one.text.description,
        "terms": credit.terms(data, credit.of_table(one.text, data)),
        "extract": _extract(one, data),
        "measure": explored.measure,
        "measures": measures(one),
        "by": explored.by,
        "shown": explored.shown,
        "choose": {
            key: value or data.headline.get(key, "all") for key, value in explored.choose.items()
        },
        "isNested": explored.is_nested,
        "filters": explored.filters,
        "time": explored.time,
        "isBars": explored.is_bars,
        "isLogarithmic": explored.is_logarithmic,
        "isCut": explored.largest is not None,
        "status": STATUS if STATUS in one.rows.column_names else "",
        "order": [column.name for column in one.columns],
        "captions": {column.name: caption(column.name) for column in one.columns},
        "texts": {column.name: column.description for column in one.columns},
        **compact(one, lists),
    }


def _extract(one: Read, data: ReportData) -> str:
    """The file that has the whole table; none of a table that is no extract."""
    if one.explored.schema == "reporting":
        return ""
    path = path_of(Path("extracts"), one.explored.table, ".csv", marking=data.marking)
    return path.as_posix()


@cache
def _vega() -> str:
    """Vega, Vega-Lite and Vega-Embed, which has the interpreter, as one script."""
    major, minor = altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2]
    snippet = "window.vegaEmbed = vegaEmbed;"
    return _within_element(vl_convert.javascript_bundle(snippet, vl_version=f"{major}.{minor}"))


def _own_script() -> str:
    parts = "\n".join((_HERE / name).read_text("utf-8") for name in _SCRIPTS)
    return _within_element(f'"use strict";\n(() => {{\n{parts}\n}})();\n')


def _within_element(script: str) -> str:
    """A script that may stand in an element, which it must not end.

    Raises:
        ValueError: it would.
    """
    lower = script.lower()
    if "</script" in lower or "<!--" in lower:
        raise ValueError("a script that holds what ends its own element")
    return script
