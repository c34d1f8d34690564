"""The catalog of the landing zone: which crawls are there, without a look at their pages."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date

from loaders.landing.manifests import (
    SNAPSHOT_NAME,
    SnapshotManifest,
    WrongChecksumError,
    read_manifest,
)
from loaders.landing.removal import is_marked
from loaders.landing.storage import open_folder

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def landed_dates(root: str, source_key: str, kind: str) -> list[date]:
    """List the days of which something is there, be their crawl complete or not, newest first.

    Raises:
        LoaderError: the landing zone cannot be read.
    """
    _, _, names = open_folder(root, f"{source_key}/{kind}", make=False)
    return sorted(map(date.fromisoformat, filter(_DATE.fullmatch, names)), reverse=True)


def landed_snapshot(
    root: str, source_key: str, kind: str, snapshot_date: date
) -> SnapshotManifest | None:
    """Read the manifest of a complete crawl; None if there is none.

    Raises:
        LoaderError: the landing zone cannot be read.
    """
    fs, folder, is_removed = is_marked(root, source_key, kind, snapshot_date)
    if is_removed:
        return None
    with suppress(WrongChecksumError):  # a load of it says what is wrong
        return read_manifest(fs, f"{folder}/{SNAPSHOT_NAME}", SnapshotManifest)
    return None


def landed_snapshots(root: str, kinds: Iterable[str]) -> Iterator[SnapshotManifest]:
    """Read the manifest of every complete crawl in the landing zone, of whatever source.

    Args:
        root: of the landing zone.
        kinds: of listing, such as ``models``; other folders hold no crawls.

    Raises:
        LoaderError: the landing zone cannot be read.
    """
    kinds = tuple(kinds)
    _, _, sources = open_folder(root, "", make=False)
    for source_key in sorted(sources):
        for kind in kinds:
            for snapshot_date in landed_dates(root, source_key, kind):
                if manifest := landed_snapshot(root, source_key, kind, snapshot_date):
                    yield manifest
