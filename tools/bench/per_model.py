"""Measure the runs that ask about one model at a time: ``python -m tools.bench.per_model``.

The quota is that of a free token, 1,000 requests in 5 minutes, in a tenth of the time: 100 in
30 seconds. Then the same without a quota, which shows what the loader itself can do.
"""

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

import duckdb

from simulator import SyntheticHub, serve
from tools.bench.measure import ROOT

MODELS = 24_000  # of which some 900 have no count
REQUESTS = 300
WINDOW_SECONDS = 30
CALLS_A_WINDOW = 100


@dataclass(frozen=True)
class Asked:
    """One measured run of ``parameters``."""

    models: int
    requests: int
    requests_of_counted: float  # for each model
    megabytes: float
    models_a_minute: float  # from the second window on: the first one is open already
    said: str


def measure_parameters(resolver_quota: int | None) -> Asked:
    """Ask a synthetic Hub until the budget is used up."""
    run = ROOT / "data" / "bench" / "per-model"
    shutil.rmtree(run, ignore_errors=True)
    places = {"HUB_DUCKDB_PATH": str(run / "hub.duckdb"), "HUB_LANDING": str(run / "landing")}

    def loader(*arguments: object) -> str:
        command = [sys.executable, "-m", "loaders", *map(str, arguments), "--hub", endpoint]
        return subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | places,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout

    with serve(
        SyntheticHub(models=MODELS, datasets=10),
        resolver_quota=resolver_quota,
        window_seconds=WINDOW_SECONDS,
    ) as endpoint:
        loader("load")
        said = loader("parameters", "--budget", REQUESTS)
    with duckdb.connect(str(run / "hub.duckdb"), read_only=True) as database:
        rows = database.execute(
            """
            with answers as (
                select
                    *,
                    (epoch_ms(fetched_at) - min(epoch_ms(fetched_at)) over ()) / 1000 as second
                from hub_raw.model_parameters
            )
            select
                count(*),
                sum(requests),
                avg(requests) filter (status = 'counted'),
                sum(bytes_read) / 1e6,
                60 * count(*) filter (second > $window) / (max(second) - $window)
            from answers
            """,
            {"window": WINDOW_SECONDS if resolver_quota else 0},
        ).fetchall()
    ((models, requests, of_counted, megabytes, models_a_minute),) = rows
    return Asked(models, requests, of_counted, megabytes, models_a_minute, said)


def main() -> None:
    """Run the command line."""
    argparse.ArgumentParser(
        prog="python -m tools.bench.per_model", description=__doc__
    ).parse_args()
    for quota, name in ((CALLS_A_WINDOW, "1,000 in 5 minutes"), (None, "none")):
        asked = measure_parameters(quota)
        print(
            f"quota {name}: {asked.models_a_minute:,.0f} models a minute; {asked.models:,} models, "
            f"{asked.requests:,} requests, {asked.requests_of_counted:.2f} for each one counted, "
            f"{asked.megabytes / asked.models * 1000:,.0f} kB a model"
        )
        print(asked.said)


if __name__ == "__main__":
    main()
