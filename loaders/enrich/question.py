"""A question about single models, and the rows that its answers become."""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from loaders.enrich.model_requests import ModelRequests

if TYPE_CHECKING:
    from simulator import RecordFolder


class ModelAnswer(msgspec.Struct, kw_only=True):
    """A row of a table of answers; each question adds its own columns."""

    hub_id: str = msgspec.field(name="_id")
    id: str
    fetched_at: datetime
    last_modified: datetime | None
    status: str
    bytes_read: int
    requests: int
    error: str | None = None


class Question(ABC):
    """A question that a run asks about each of its models.

    Attributes:
        name: of the command and of the folder in the landing zone.
        table: of the answers, in ``hub_raw``.
        condition: which models it is about, in SQL on the columns of ``hub_raw.models``.
        answer_type: a row of the table.
        calls_a_window: what the Hub allows, as ``rate_limiter.CALLS_A_WINDOW``.
    """

    name: str
    table: str
    condition: str
    answer_type: type[ModelAnswer]
    calls_a_window: tuple[int, int]

    @abstractmethod
    def is_answered_by(self, folder: "RecordFolder") -> bool:
        """Tell whether a folder of records holds what is asked for, of any model."""

    @abstractmethod
    def ask(self, requests: ModelRequests) -> dict[str, Any]:
        """Ask about one model; gives the answer's status and its own columns.

        Raises:
            BadAnswerError, NoAnswerError, OverBudgetError: as ``ModelRequests.get``.
        """
