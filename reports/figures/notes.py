"""Notes under a figure: marked dates, gaps, months of low reliability and the running month."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from reports import text
from reports.charts import Break
from reports.exposure import Limits
from reports.figures.base import complete, newest
from reports.report_data import Row

_BREAKS = Path(__file__).parents[1] / "breaks.csv"


@dataclass
class Marks:
    """Dates to be marked on a chart, numbered, with a note for each."""

    breaks: list[Break] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, day: date, note: str) -> None:
        """Mark a day with the next number."""
        number = len(self.breaks) + 1
        self.breaks.append(Break(day, str(number)))
        self.notes.append(f"({number}) {text.month(day)}: {note}")

    def add_parents(self, rows: Sequence[Row]) -> None:
        """Mark where rows of all models give way to, or are joined by, those of no known parent."""
        first = next((row["month"] for row in rows if row["population"] == "no_known_parent"), None)
        if first and first > rows[0]["month"]:
            self.add(
                first,
                "from here on models with no declared or detected parent are told apart; before, "
                "too few owners named a parent, and all models are shown.",
            )

    def add_known(self, series: str, first: date, last: date) -> None:
        """Mark the days of ``breaks.csv`` that a series has between two dates."""
        for row in known_breaks():
            day = date.fromisoformat(row["day"])
            if row["series"] == series and first <= day <= last:
                self.add(day, f"{row['note']} ({row['source']})")


def running_note(rows: Sequence[Row], snapshot_date: date) -> list[str]:
    """Explain the hollow dot, where there is one."""
    running = [row["month"] for row in rows if not row["is_complete_month"]]
    if not running:
        return []
    return [
        f"Hollow dot: {text.month(running[0])}, which was still running on "
        f"{text.full_date(snapshot_date)}. It is not comparable with a whole month, sets no axis, "
        "and is left out where it lies beyond one."
    ]


def gap_note(rows: Sequence[Row], column: str, limits: Limits) -> list[str]:
    """Explain the gaps, where there are any."""
    gaps = sum(row[column] is None for row in complete(rows))
    if not gaps:
        return []
    months = "month shows" if gaps == 1 else "months show"
    return [
        f"Gaps: {gaps} {months} no figure, because it would rest on fewer than "
        f"{limits.min_values} models or on less than {text.share(limits.min_coverage)} of the "
        "month’s models."
    ]


def reliability_note(rows: Sequence[Row], column: str, limits: Limits) -> list[str]:
    """Explain the grey diamonds, where there are any."""
    low = [row for row in complete(rows) if row[column] is not None and row["is_low_reliability"]]
    if not low:
        return []
    months = "month is" if len(low) == 1 else "months are"
    return [
        f"Grey diamonds: {len(low)} {months} of low reliability, resting on fewer than "
        f"{limits.min_publishers} publishers, on a median whose 95% interval is wider "
        f"than a factor of {limits.max_interval_ratio:g}, or, without a declared or detected "
        f"parent, on fewer than {limits.min_values} models that are the first of their size."
    ]


def repeated_note(rows: Sequence[Row]) -> list[str]:
    """Say how many models without a parent repeat a size, where these are the headline."""
    shown = [row for row in rows if row["share_repeated_size"] is not None]
    row = newest([row for row in shown if row["population"] == "no_known_parent"])
    if row is None:
        return []
    return [
        f"No declared or detected parent does not mean original: in {text.month(row['month'])} "
        f"{text.share(row['share_repeated_size'])} of these models repeated the exact size of an "
        "earlier one, as undeclared copies and fine-tunes do."
    ]


@cache
def known_breaks() -> list[dict[str, str]]:
    """Rows of ``breaks.csv``: the days on which a series changed for another reason than life."""
    with _BREAKS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
