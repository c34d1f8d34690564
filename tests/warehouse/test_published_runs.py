"""What the methodology says of its estimate of training costs, where the cost is known."""

import statistics

from tests.warehouse import builds
from tests.warehouse.builds import Build

METHODOLOGY = builds.ROOT / "docs" / "methodology.md"


def test_the_methodology_prints_how_the_estimate_fares_on_published_runs(duckdb_build: Build):
    runs = duckdb_build.tables["intermediate.int_published_run_estimates"]
    ratios = [run["estimated_cost_usd_central"] / run["published_cost_usd"] for run in runs]
    between_low_and_high = [
        run["estimated_cost_usd_low"] <= run["published_cost_usd"] <= run["estimated_cost_usd_high"]
        for run in runs
    ]

    def share(of: list[bool]) -> str:
        return f"{statistics.mean(of):.0%}".replace("%", " %")

    text = " ".join(METHODOLOGY.read_text(encoding="utf-8").split())
    assert (
        f"On the {len(ratios)} published runs, the estimate without the override has a median "
        f"ratio of {statistics.median(ratios):.2f} to the published cost; "
        f"{share([1 / 3 <= ratio <= 3 for ratio in ratios])} of them are within a factor of 3, "
        f"{share([0.1 <= ratio <= 10 for ratio in ratios])} within a factor of 10, and "
        f"{share(between_low_and_high)} between its low and its high figure"
    ) in text
