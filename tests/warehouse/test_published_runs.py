"""The methodology's estimate of training costs, where the cost is known."""

import statistics
from typing import Any

from tests.warehouse import builds
from tests.warehouse.builds import Build

METHODOLOGY = builds.ROOT / "docs" / "methodology.md"


def line(name: str, runs: list[dict[str, Any]]) -> str:
    """A row of the methodology's table, as these runs would have it."""
    ratios = [run["estimated_cost_usd_central"] / run["published_cost_usd"] for run in runs]
    is_between = [
        run["estimated_cost_usd_low"] <= run["published_cost_usd"] <= run["estimated_cost_usd_high"]
        for run in runs
    ]
    shares = (
        [1 / 3 <= ratio <= 3 for ratio in ratios],
        [0.1 <= ratio <= 10 for ratio in ratios],
        is_between,
    )
    parts = " | ".join(f"{100 * statistics.mean(share):.0f}%" for share in shares)
    return f"| {name} | {len(runs)} | {statistics.median(ratios):.2f} | {parts} |"


def test_the_methodology_prints_how_the_estimate_fares_on_published_runs(duckdb_build: Build):
    runs = duckdb_build.tables["intermediate.int_published_run_estimates"]
    text = METHODOLOGY.read_text(encoding="utf-8")
    for name, is_in in (
        ("all", lambda run: True),
        ("priced by chip-hours", lambda run: run["cost_basis"] == "chip_hours"),
        ("by the published sum", lambda run: run["cost_basis"] == "published_sum"),
        ("under 1 billion active parameters", lambda run: run["active_parameters"] < 1e9),
        ("1 to 10 billion", lambda run: 1e9 <= run["active_parameters"] < 1e10),
        ("10 billion and more", lambda run: run["active_parameters"] >= 1e10),
    ):
        assert line(name, [run for run in runs if is_in(run)]) in text
