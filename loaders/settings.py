"""What the commands share."""

import argparse
import os
from collections.abc import Callable
from contextlib import AbstractContextManager

from loaders.errors import LoaderError
from loaders.landing.lock import run_lock
from loaders.sources import Source, find_source
from loaders.summary import RunSummary
from loaders.warehouse.raw_tables import RawTables
from loaders.warehouse.snapshots import KeptSnapshot


def chosen_source(options: argparse.Namespace) -> Source:
    """The Hub that the options name."""
    return find_source(
        options.hub,
        models=options.sample_models,
        datasets=options.sample_datasets,
        seed=options.sample_seed,
    )


def landing_zone() -> str:
    """The root of the landing zone: a folder or any URL that fsspec knows."""
    return os.environ.get("HUB_LANDING", "data/landing")


def chosen_lock(
    options: argparse.Namespace, source: str, summary: RunSummary
) -> AbstractContextManager[Callable[[], None]]:
    """The lock of a Hub in the landing zone, waited for as long as the options say."""
    return run_lock(landing_zone(), source, summary.command, wait_minutes=options.wait_for_lock)


def refuse_other_source(kept: list[KeptSnapshot], source: Source, warehouse: RawTables) -> None:
    """Raises LoaderError: the warehouse holds another Hub."""
    other = next((snapshot.source for snapshot in kept if snapshot.source != source.name), None)
    if other:
        raise LoaderError(
            f"{warehouse.name} holds the Hub {other!r}; loading {source.name!r} into it would mix "
            "two Hubs in one series. Set HUB_DUCKDB_PATH to another file, or HUB_SCHEMA_PREFIX "
            "to what shall stand before the schemas of this Hub; or load the same Hub."
        )
