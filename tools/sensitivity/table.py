"""The figures for readers, as a table in Markdown, and for machines."""

from collections.abc import Mapping
from typing import Any

from reports import text
from tools.sensitivity.choices import HEADLINES
from tools.sensitivity.database import method_version
from tools.sensitivity.measure import Figure, Sensitivity


def table(found: Sensitivity) -> str:
    """A line for each choice, a column for each headline; above it, what they are of."""
    names = [headline.name for headline in HEADLINES]
    lines = [
        ["choice", *names],
        ["---", *("---:" for _ in names)],
        ["**As it is**", *(h.show(found.headlines[h.name].values[""]) for h in HEADLINES)],
    ]
    for effect in found.effects:
        lines.append([effect.choice.name, *_cells(effect.figures)])
        if effect.newest:
            month, figures = effect.newest
            lines.append([f"… and then the newest month is {text.month(month)}", *_cells(figures)])
    rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    above = f"{text.month(found.month)}; records: {found.records}; method {method_version()}."
    marts = {h.mart for h in HEADLINES if found.headlines[h.name].observation_status == "U"}
    if marts:
        above += f" Of low reliability: the row of {', '.join(sorted(marts))}."
    return f"{above}\n\n{rows}".replace(text.NBSP, " ")


def _cells(figures: Mapping[str, Figure]) -> list[str]:
    cells = []
    for headline in HEADLINES:
        figure = figures.get(headline.name)
        if figure is None:
            cells.append("–")
        elif figure.value is None:
            cells.append("not shown")
        else:
            cells.append(f"{headline.show(figure.value)} ({percentage(figure.change)})")
    return cells


def percentage(change: float | None) -> str:
    """A change as ``+12%``, with a decimal below 10; ``0%`` where nothing moved."""
    if change is None:
        return "–"
    digits = 1 if change and abs(change) < 0.0995 else 0
    sign = "+" if abs(change) >= 0.0005 else "z"  # z: no minus before what rounds to nothing
    return f"{100 * change:{sign},.{digits}f}%".replace("-", "\N{MINUS SIGN}")


def as_json(found: Sensitivity) -> dict[str, Any]:
    """The same, unrounded; changes are fractions."""
    return {
        "records": found.records,
        "method_version": method_version(),
        "month": found.month.isoformat(),
        "headlines": {
            name: {
                "population": row.population,
                "observation_status": row.observation_status,
                "value": row.values[""],
            }
            for name, row in found.headlines.items()
        },
        "choices": [
            {
                "choice": effect.choice.name,
                "settings": dict(effect.choice.settings),
                "figures": _as_json(effect.figures),
                "newest_month": effect.newest and effect.newest[0].isoformat(),
                "newest_figures": effect.newest and _as_json(effect.newest[1]),
            }
            for effect in found.effects
        ],
    }


def _as_json(figures: Mapping[str, Figure]) -> dict[str, dict[str, float | None]]:
    return {
        name: {"value": figure.value, "change": figure.change} for name, figure in figures.items()
    }
