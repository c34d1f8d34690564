"""The requests about one model, counted, and within the budget of the run."""

import threading
from urllib.parse import quote

from loaders.hub.repository import Answer, HubReader
from loaders.hub.session import RequestCount
from loaders.warehouse.candidates import Candidate


class OverBudgetError(Exception):
    """A model needs more requests than are left. It is asked about in another run."""


class Budget:
    """Requests that a run may still make."""

    def __init__(self, requests: int) -> None:
        self._left = requests
        self._lock = threading.Lock()

    def take(self, requests: int) -> None:
        """Take requests from what is left.

        Raises:
            OverBudgetError: so many are not left; then none is taken.
        """
        with self._lock:
            if requests > self._left:
                raise OverBudgetError
            self._left -= requests


class ModelRequests:
    """The requests about one model, counted and within the budget.

    Raises:
        OverBudgetError: there is none left for even the first.
    """

    def __init__(self, model: Candidate, hub: HubReader, budget: Budget) -> None:
        self.model = model
        self.count = RequestCount()
        self.bytes_read = 0
        self._hub = hub
        self._budget = budget
        self._reserved = 0
        self.reserve(1)

    @property
    def path(self) -> str:
        """The model's name as a part of a path."""
        return quote(self.model.id)

    def reserve(self, requests: int) -> None:
        """Make sure of requests that are of use only together.

        Raises:
            OverBudgetError: so many are not left.
        """
        self._budget.take(requests)
        self._reserved += requests

    def get(self, path: str, *, limit: int, is_beginning: bool = False) -> Answer:
        """Ask for one path, as ``HubReader.get``.

        Raises:
            BadAnswerError, NoAnswerError: as ``HubReader.get``.
            OverBudgetError: no request is left.
        """
        if not self._reserved:
            self.reserve(1)
        self._reserved -= 1
        answer = self._hub.get(path, self.count, limit=limit, is_beginning=is_beginning)
        self.bytes_read += len(answer.body)
        return answer
