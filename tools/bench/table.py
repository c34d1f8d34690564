"""The bars, and the one table that holds what was measured against them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from tools.bench.run import Run


@dataclass(frozen=True)
class Bar:
    """The value that a figure shall reach, and the floor that it must not miss."""

    reach: float
    floor: float
    is_more_better: bool = False

    def verdict(self, value: float | None) -> str:
        """A mark for one figure; none for one that was not measured."""
        if value is None:
            return ""
        for mark, bar in (("✓", self.reach), ("~", self.floor)):
            if value >= bar if self.is_more_better else value <= bar:
                return mark
        return "✗"


LEGEND = "✓ reaches the bar, ~ is above the floor, ✗ is below it"

# By the kind of run, then by the column.
BARS: dict[str, dict[str, Bar]] = {
    "ingest": {
        "rows/s": Bar(45_000, 25_000, is_more_better=True),
        "CPU ms per 1,000": Bar(22, 35),
        "peak MB": Bar(450, 600),
        "requests per 1,000": Bar(1.00, 1.02),
        "429": Bar(0, 0),
    },
    "archive": {
        "rows/s": Bar(180_000, 100_000, is_more_better=True),
        "peak MB": Bar(500, 700),
        "bytes a row": Bar(100, 110),
    },
    # 60 million models in 6 minutes, or in 12.
    "past": {
        "rows/s": Bar(167_000, 83_000, is_more_better=True),
        "peak MB": Bar(500, 700),
        "bytes a row": Bar(100, 110),
    },
    "past build": {"seconds": Bar(300, 600), "peak MB": Bar(4_000, 6_000)},
    "build": {"s per million": Bar(8, 20)},
    "whole": {"seconds": Bar(130, 240)},
    # As the month that it is held against; a clock differs by a twentieth from run to run.
    "month": {"ratio": Bar(1.05, 1.2)},
}
# A smaller run spends its time on starting: it is shown, and not judged.
JUDGED_FROM = {
    **{"ingest": 500_000, "archive": 1_000_000, "build": 3_000_000, "whole": 3_100_000},
    **{"month": 100_000, "past": 1_000_000, "past build": 50_000_000},
}


@dataclass(frozen=True)
class _Column:
    """A figure of a run, rounded as it is shown: a bar is reached by what the reader sees."""

    value: Callable[[Run], float | None]
    digits: int = 0

    def of(self, run: Run) -> float | None:
        value = self.value(run)
        return None if value is None else round(value, self.digits)

    def text(self, value: float | None) -> str:
        return "" if value is None else f"{value:,.{self.digits}f}"


_COLUMNS = {
    "models": _Column(lambda run: run.models),
    "datasets": _Column(lambda run: run.datasets),
    "seconds": _Column(lambda run: run.usage.seconds, 1),
    "ratio": _Column(lambda run: run.ratio, 2),
    "rows/s": _Column(lambda run: run.rows / run.usage.seconds),
    "s per million": _Column(lambda run: run.usage.seconds / run.rows * 1e6, 1),
    "CPU ms per 1,000": _Column(lambda run: run.usage.cpu_seconds / run.rows * 1e6, 1),
    "peak MB": _Column(lambda run: run.usage.peak_megabytes),
    "requests per 1,000": _Column(
        lambda run: None if run.requests is None else run.requests / run.rows * 1000, 2
    ),
    "429": _Column(lambda run: run.rate_limited),
    "landed MB": _Column(lambda run: run.landed_megabytes),
    "database MB": _Column(lambda run: run.database_megabytes),
    "bytes a row": _Column(lambda run: run.bytes_a_row),
}


def table(runs: Sequence[Run]) -> str:
    """The runs as Markdown, the bars of each section below it."""
    lines = ["| run | " + " | ".join(_COLUMNS) + " |", "|---|" + "---:|" * len(_COLUMNS)]
    shown = [run for run in runs if run.is_in_table]
    for _, section in groupby(shown, key=lambda run: run.section):
        in_section = list(section)
        lines += [_line(run.name, [_cell(run, name) for name in _COLUMNS]) for run in in_section]
        for bars in dict.fromkeys(run.bars for run in in_section if run.bars):
            for level in ("reach", "floor"):
                lines.append(_line(f"*{level}*", [_bar(bars, name, level) for name in _COLUMNS]))
    return "\n".join(lines)


def missed(runs: Sequence[Run]) -> list[str]:
    """Every figure below its floor, in words."""
    return [
        f"{run.name}, {run.models:,} models: {name} {_COLUMNS[name].text(_COLUMNS[name].of(run))}"
        for run in runs
        for name, bar in _bars_of(run).items()
        if bar.verdict(_COLUMNS[name].of(run)) == "✗"
    ]


def _bars_of(run: Run) -> dict[str, Bar]:
    if run.bars is None or run.models < JUDGED_FROM[run.bars]:
        return {}
    return BARS[run.bars]


def _cell(run: Run, name: str) -> str:
    column = _COLUMNS[name]
    value = column.of(run)
    bar = _bars_of(run).get(name)
    return column.text(value) + (f" {bar.verdict(value)}" if bar else "")


def _bar(bars: str, name: str, level: str) -> str:
    bar = BARS[bars].get(name)
    return _COLUMNS[name].text(getattr(bar, level)) if bar else ""


def _line(first: str, cells: Sequence[str]) -> str:
    return f"| {first} | " + " | ".join(cells) + " |"
