"""The outcomes of crawls through faults, and what each kind of fault did."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.faulty_hub import LASTING, TRANSIENT

CHANGING = "rows that change while being paged"


@dataclass
class FaultCounts:
    """The effects of one kind of fault, in answers; ``lost`` and ``doubled`` count records."""

    injected: int = 0
    survived: int = 0  # within the run
    another_run: int = 0
    refused: int = 0
    lost: int = 0
    doubled: int = 0

    def __iadd__(self, other: "FaultCounts") -> "FaultCounts":
        for name, count in vars(other).items():
            setattr(self, name, getattr(self, name) + count)
        return self


@dataclass
class Outcome:
    """The outcome of one crawl of models and datasets.

    Attributes:
        counts: by kind of fault.
        problems: how it differs from an undisturbed crawl; nothing if all is well.
    """

    seed: int
    is_loaded: bool
    runs: int = 0
    counts: defaultdict[str, FaultCounts] = field(default_factory=lambda: defaultdict(FaultCounts))
    problems: list[str] = field(default_factory=list)


def table(outcomes: Iterable[Outcome]) -> str:
    """The effects of each kind of fault, as Markdown."""
    total: dict[str, FaultCounts] = defaultdict(FaultCounts)
    for outcome in outcomes:
        for kind, counts in outcome.counts.items():
            total[kind] += counts
    lines = [
        "| fault | injected | survived within the run | needed another run | refused clearly "
        "| lost | doubled |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    order = [*TRANSIENT, CHANGING, *(f"for good: {kind}" for kind in LASTING)]
    for kind in (kind for kind in order if kind in total):
        lines.append(f"| {kind} | " + " | ".join(map(_figure, vars(total[kind]).values())) + " |")
    return "\n".join(lines)


def _figure(count: int) -> str:
    return f"{count:,}"
