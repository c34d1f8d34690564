"""What ``--hub`` can name: the sample, an endpoint, or a folder of records."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import simulator
from loaders.errors import LoaderError
from loaders.hub.fields import LISTINGS


@dataclass(frozen=True)
class Source:
    """A Hub to load.

    Attributes:
        name: how the warehouse and the messages call it; one database holds one name.
        landing_key: how the landing zone files it. It changes when a folder's records change,
            so that a new load of a changed folder does not go on with the old pages.
        kinds: the listings that it has.
        is_synthetic: whether its records are made up.
        is_complete: whether it has all that the Hub lists; a folder has only where it says so.
        obtained_from, licence: where a folder's records were got from, and under which licence,
            in its own words; None where it does not say.
        folder: the folder of records; None for other sources.
    """

    name: str
    landing_key: str
    kinds: tuple[str, ...]
    is_synthetic: bool
    is_complete: bool = True
    obtained_from: str | None = None
    licence: str | None = None
    folder: simulator.RecordFolder | None = None
    _local: simulator.SyntheticHub | simulator.RecordFolder | None = None

    @property
    def is_local(self) -> bool:
        """Whether it is served here, where there is no quota."""
        return self._local is not None

    @contextmanager
    def endpoint(self, snapshot_date: date) -> Iterator[str]:
        """The address to crawl: a local one is served for as long as the block runs.

        Args:
            snapshot_date: the day that a synthetic Hub is listed at.
        """
        local = self._local
        if local is None:
            yield self.name
            return
        if isinstance(local, simulator.SyntheticHub):
            local = replace(local, as_of=snapshot_date)
        with simulator.serve(local) as address:
            yield address


def find_source(where: str, *, models: int, datasets: int, seed: int) -> Source:
    """The source that ``--hub`` names.

    Args:
        where: ``sample``, an ``http(s)`` address, or a folder.
        models, datasets, seed: size and seed number of a synthetic Hub.

    Raises:
        LoaderError: it names nothing that can be crawled.
    """
    if where == "sample":
        return _sample(models, datasets, seed)
    if "://" in where:
        return _endpoint(where)
    if Path(where).is_dir():
        return _folder(Path(where))
    raise LoaderError(
        f"--hub {where} is no folder, and neither 'sample' nor an address. Give a folder with "
        "models.jsonl.gz and datasets.jsonl.gz, or an address such as https://huggingface.co."
    )


def _sample(models: int, datasets: int, seed: int) -> Source:
    size = f"{models}-{datasets}-{seed}"
    is_default = (models, datasets, seed) == (
        simulator.SAMPLE_MODELS,
        simulator.SAMPLE_DATASETS,
        simulator.SAMPLE_SEED,
    )
    return Source(
        name="sample" if is_default else f"sample-{size}",
        landing_key=f"sample-{size}",
        kinds=LISTINGS,
        is_synthetic=True,
        _local=simulator.SyntheticHub(models=models, datasets=datasets, seed=seed),
    )


def _endpoint(where: str) -> Source:
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
        is_synthetic=False,
    )


def _folder(path: Path) -> Source:
    folder = simulator.RecordFolder(path)
    content = hashlib.sha256(folder.fingerprint().encode()).hexdigest()
    facts = folder.facts
    return Source(
        name=facts.source if facts else str(folder.path),
        landing_key=f"folder-{folder.path.name}-{content[:16]}",
        kinds=folder.kinds,
        is_synthetic=False,
        is_complete=facts is not None and facts.is_complete,
        obtained_from=facts and facts.obtained_from,
        licence=facts and facts.licence,
        folder=folder,
        _local=folder,
    )
