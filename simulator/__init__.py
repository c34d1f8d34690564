"""A Hub on this machine: an HTTP server that lists and serves as the Hugging Face Hub does.

It is fed by a synthetic Hub (``SyntheticHub``) or by files of API records (``RecordFolder``),
so that a sample, a folder and the real Hub are read by one and the same loader. ``serve`` runs
it in a process of its own, ``LocalHubServer`` in a thread of this one, for tests that look at
the requests or make answers go wrong. ``python -m simulator --help`` is for people.
"""

from simulator.dataset_repository import (
    Commit,
    DatasetRepository,
    read_repositories,
    read_repository,
)
from simulator.fault import Fault
from simulator.listing import LocalHubError
from simulator.process import serve
from simulator.record_folder import RecordFolder
from simulator.server import LocalHubServer
from simulator.synthetic.hub import (
    SAMPLE_DATASETS,
    SAMPLE_DATE,
    SAMPLE_MODELS,
    SAMPLE_SEED,
    SyntheticHub,
)

__all__ = [
    "SAMPLE_DATASETS",
    "SAMPLE_DATE",
    "SAMPLE_MODELS",
    "SAMPLE_SEED",
    "Commit",
    "DatasetRepository",
    "Fault",
    "LocalHubError",
    "LocalHubServer",
    "RecordFolder",
    "SyntheticHub",
    "read_repositories",
    "read_repository",
    "serve",
]
