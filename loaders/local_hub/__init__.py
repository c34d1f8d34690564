"""A Hub on this machine: an HTTP server that lists and serves as the Hugging Face Hub does.

It is fed by a synthetic Hub (``SyntheticHub``) or by files of API records (``RecordFolder``),
so that a sample, a folder and the real Hub are read by one and the same loader. ``serve`` runs
it in a process of its own, ``LocalHubServer`` in a thread of this one, for tests that look at
the requests or make answers go wrong. ``python -m loaders.local_hub --help`` is for people.
"""

from loaders.local_hub.faults import LASTING, TRANSIENT, ChangingHub, LastingFault, RandomFaults
from loaders.local_hub.listing import LocalHubError
from loaders.local_hub.process import serve
from loaders.local_hub.record_folder import RecordFolder
from loaders.local_hub.server import Fault, LocalHubServer
from loaders.local_hub.synthetic import (
    SAMPLE_DATASETS,
    SAMPLE_DATE,
    SAMPLE_MODELS,
    SAMPLE_SEED,
    SyntheticHub,
)

__all__ = [
    "LASTING",
    "SAMPLE_DATASETS",
    "SAMPLE_DATE",
    "SAMPLE_MODELS",
    "SAMPLE_SEED",
    "TRANSIENT",
    "ChangingHub",
    "Fault",
    "LastingFault",
    "LocalHubError",
    "LocalHubServer",
    "RandomFaults",
    "RecordFolder",
    "SyntheticHub",
    "serve",
]
