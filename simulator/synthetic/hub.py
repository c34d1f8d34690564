"""A made-up Hub in the shape of the real one."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from simulator.dataset_repository import DatasetRepository
from simulator.listing import LocalHubError
from simulator.synthetic.calendar import SAMPLE_DATE
from simulator.synthetic.datasets import Datasets
from simulator.synthetic.models import Models
from simulator.synthetic.past import NAME as HISTORY
from simulator.synthetic.past import Past
from simulator.synthetic.repositories import Repositories

# Small enough that a load and a build take seconds. Large enough that no headline figure of
# the report is suppressed: the thinnest month has over 50 models with a size and a cost.
SAMPLE_MODELS = 48_000
SAMPLE_DATASETS = 9_000
SAMPLE_SEED = 0

__all__ = ["SAMPLE_DATASETS", "SAMPLE_DATE", "SAMPLE_MODELS", "SAMPLE_SEED", "SyntheticHub"]


@dataclass(frozen=True)
class SyntheticHub:
    """A Hub that nobody made: every name, number and date in it comes out of a hash.

    It has the shapes of the real Hub, the odd ones included, and its proportions: growth,
    tasks, sizes, parents, downloads. Where the months of a small Hub would be too thin for
    any statistic, they are given more repositories than their share: the sample says nothing
    about how fast the real Hub grew in 2022. A large Hub follows the real curve.

    The same arguments give the same records, on any machine. At a later ``as_of`` it is the
    same Hub, some weeks on: repositories were added, removed, renamed and downloaded.

    Args:
        models: how many it lists on ``SAMPLE_DATE``.
        datasets: the same, of datasets.
        seed: another seed, another Hub.
        as_of: the day (UTC) at whose end it is listed.

    Raises:
        LocalHubError: a size or the seed is negative.
    """

    models: int = SAMPLE_MODELS
    datasets: int = SAMPLE_DATASETS
    seed: int = SAMPLE_SEED
    as_of: date = SAMPLE_DATE

    def __post_init__(self) -> None:
        if min(self.models, self.datasets, self.seed) < 0:
            raise LocalHubError(
                f"A synthetic Hub of {self.models} models and {self.datasets} datasets with seed "
                f"{self.seed} cannot be: none of the three may be negative."
            )

    def arguments(self) -> list[str]:
        return [
            *("--hub", "sample", "--models", str(self.models), "--datasets", str(self.datasets)),
            *("--seed", str(self.seed), "--as-of", self.as_of.isoformat()),
        ]

    def fingerprint(self) -> str:
        # A page that an older version of this code rendered is not a page of this Hub.
        code = hashlib.sha256()
        for file in sorted(Path(__file__).parents[1].rglob("*.py")):
            code.update(file.read_bytes())
        return f"{self} {code.hexdigest()}"

    def repositories(self) -> dict[str, DatasetRepository]:
        return {HISTORY: self.past().repository()}

    def past(self) -> Past:
        """Two years of earlier listings, whatever ``as_of`` is."""
        return Past(replace(self, as_of=SAMPLE_DATE).open())

    def open(self) -> dict[str, Repositories]:
        return {
            "models": Models(self.models, seed=self.seed, as_of=self.as_of),
            "datasets": Datasets(self.datasets, seed=self.seed, as_of=self.as_of),
        }
