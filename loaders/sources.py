"""The Hubs that ``--hub`` can name: the sample, an address, or a folder of records.

The sample and a folder are served on this machine by the simulator, which is imported for them
alone: a load of an address does without it.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from loaders.errors import LoaderError
from loaders.hub.fields import LISTINGS
from loaders.settings import SourceOptions
from loaders.warehouse.snapshots import KeptSnapshot

if TYPE_CHECKING:
    from simulator import RecordFolder, SyntheticHub
    from simulator.hub_json import FolderFacts


@dataclass(frozen=True)
class Source:
    """A Hub to load.

    Attributes:
        name: how the warehouse and the messages call it; one database holds one name.
        landing_key: how the landing zone files it. It changes when a folder's records change,
            so that a new load of a changed folder does not go on with the old pages.
        kinds: the listings that it has.
        is_complete: whether it has all that the Hub lists; a folder has only where it says so.
        stated_date: the day that its records are of, where it says so; None at an address.
        obtained_from, licence: where a folder's records were got from, and under which licence,
            in its own words; None where it does not say.
        folder: the folder of records; None for other sources.
        sample: the synthetic Hub; None for other sources.
    """

    name: str
    landing_key: str
    kinds: tuple[str, ...]
    is_complete: bool = True
    stated_date: date | None = None
    obtained_from: str | None = None
    licence: str | None = None
    folder: "RecordFolder | None" = None
    sample: "SyntheticHub | None" = None

    @property
    def is_synthetic(self) -> bool:
        """True where its records are made up."""
        return self.sample is not None

    @property
    def is_local(self) -> bool:
        """True where it is served here, where there is no quota."""
        return self.folder is not None or self.sample is not None

    @contextmanager
    def endpoint(self, snapshot_date: date) -> Iterator[str]:
        """Give the address to crawl: a local one is served for as long as the block runs.

        Args:
            snapshot_date: the day that a synthetic Hub is listed at.
        """
        sample = self.sample and replace(self.sample, as_of=snapshot_date)
        local = self.folder or sample
        if local is None:
            yield self.name
            return
        from simulator import serve

        with serve(local) as address:
            yield address

    def check_warehouse(self, kept: list[KeptSnapshot], warehouse: str) -> None:
        """Refuse a warehouse that holds another Hub.

        Args:
            kept: the snapshots in the warehouse.
            warehouse: its name.

        Raises:
            LoaderError: one of them is of another Hub.
        """
        other = next((snapshot.source for snapshot in kept if snapshot.source != self.name), None)
        if other:
            raise LoaderError(
                f"{warehouse} holds the Hub {other!r}; loading {self.name!r} into it would mix "
                "two Hubs in one series. Set HUB_DUCKDB_PATH to another file, or HUB_SCHEMA_PREFIX "
                "to what shall stand before the schemas of this Hub; or load the same Hub."
            )


def find_source(options: SourceOptions) -> Source:
    """Find the source that ``--hub`` names.

    Raises:
        LoaderError: it names nothing that can be crawled.
    """
    where = options.hub
    if where == "sample":
        return _sample(options)
    if "://" in where:
        return _address(where)
    if Path(where).is_dir():
        return _folder(Path(where))
    raise LoaderError(
        f"--hub {where} is no folder, and neither 'sample' nor an address. Give a folder with "
        "models.jsonl.gz and datasets.jsonl.gz, or an address such as https://huggingface.co."
    )


def read_folder_facts(folder: Path) -> "FolderFacts | None":
    """Read what a folder says of itself in its ``hub.json``; None where it has none.

    Raises:
        LoaderError: the file cannot be read, or is not valid.
    """
    if not (folder / "hub.json").exists():
        return None
    from simulator.hub_json import read_folder_facts

    return read_folder_facts(folder)


def _sample(options: SourceOptions) -> Source:
    from simulator import SAMPLE_DATE, SyntheticHub

    default = SyntheticHub()
    sample = replace(
        default,
        models=default.models if options.sample_models is None else options.sample_models,
        datasets=default.datasets if options.sample_datasets is None else options.sample_datasets,
        seed=default.seed if options.sample_seed is None else options.sample_seed,
    )
    size = f"{sample.models}-{sample.datasets}-{sample.seed}"
    return Source(
        name="sample" if sample == default else f"sample-{size}",
        landing_key=f"sample-{size}",
        kinds=LISTINGS,
        stated_date=SAMPLE_DATE,
        sample=sample,
    )


def _address(where: str) -> Source:
    parts = urlsplit(where)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise LoaderError(
            f"--hub {where} is no address of a Hub. Give one such as https://huggingface.co, "
            "without a user name or password in it; a token goes into HF_TOKEN."
        )
    return Source(
        name=where.rstrip("/"),
        landing_key=parts.netloc.replace(":", "_") + parts.path.rstrip("/").replace("/", "_"),
        kinds=LISTINGS,
    )


def _folder(path: Path) -> Source:
    from simulator import RecordFolder

    folder = RecordFolder(path)
    content = hashlib.sha256(folder.fingerprint().encode()).hexdigest()
    facts = folder.facts
    return Source(
        name=facts.source if facts else str(folder.path),
        landing_key=f"folder-{folder.path.name}-{content[:16]}",
        kinds=folder.kinds,
        is_complete=facts.is_complete if facts else False,
        stated_date=facts.snapshot_date if facts else None,
        obtained_from=facts.obtained_from if facts else None,
        licence=facts.licence if facts else None,
        folder=folder,
    )
