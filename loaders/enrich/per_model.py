"""Asking the Hub about one model at a time: what a listing leaves out, the most wanted first.

A listing costs a request for 1,000 models, a question about one model a request at least. So
these runs are apart from the load, and each has a budget. No question is asked twice: every
answer, a "has none" and a failure included, is kept in the landing zone as soon as it comes
and is loaded a batch at a time. What a killed run has kept, the next one loads first.
"""

import logging
import math
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from queue import SimpleQueue
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
import pyarrow as pa

from loaders.errors import LoaderError
from loaders.hub.repository import Answer, BadAnswer, HubReader
from loaders.hub.retry import NoAnswer
from loaders.hub.session import RequestCount
from loaders.landing.landed_answers import LandedAnswers
from loaders.warehouse import raw_schema
from loaders.warehouse.candidates import Candidate
from loaders.warehouse.raw_tables import RawTables
from simulator import RecordFolder

log = logging.getLogger(__name__)

# Answers to a load. Each load is a file and a transaction; BigQuery takes 1,500 a day.
BATCH_SIZE = 1_000
# So many models in a row without any answer: it is the Hub or the network that is down.
MOST_SILENCES = 10

# Answers come a hundred a second.
SECONDS_BETWEEN_LOOKS_AT_THE_LOCK = 1.0

_MAX_ERROR = 500  # characters: an error quotes what strangers wrote


class AnswerOnModel(msgspec.Struct, kw_only=True):
    """A row of a table of answers; each question adds its own columns."""

    hub_id: str = msgspec.field(name="_id")
    id: str
    fetched_at: datetime
    last_modified: datetime | None
    status: str
    bytes_read: int
    requests: int
    error: str | None = None


class OverBudget(Exception):
    """A model needs more requests than are left. It is asked about in another run."""


class Budget:
    """Requests that a run may still make."""

    def __init__(self, requests: int) -> None:
        self._left = requests
        self._lock = threading.Lock()

    def take(self, requests: int) -> None:
        """Raises OverBudget: so many are not left; then none is taken."""
        with self._lock:
            if requests > self._left:
                raise OverBudget
            self._left -= requests


class Inquiry:
    """The requests about one model, counted and within the budget.

    Raises:
        OverBudget: there is none left for even the first.
    """

    def __init__(self, model: Candidate, hub: HubReader, budget: Budget) -> None:
        self.model = model
        self.requests = RequestCount()
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
        """Make sure of requests that are of use only together. Raises OverBudget."""
        self._budget.take(requests)
        self._reserved += requests

    def get(self, path: str, *, limit: int, is_beginning: bool = False) -> Answer:
        """As ``HubReader.get``. Raises BadAnswer, NoAnswer, OverBudget."""
        if not self._reserved:
            self.reserve(1)
        self._reserved -= 1
        answer = self._hub.get(path, self.requests, limit=limit, is_beginning=is_beginning)
        self.bytes_read += len(answer.body)
        return answer


class Question(ABC):
    """What is asked about each model of a run.

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
    answer_type: type[AnswerOnModel]
    calls_a_window: tuple[int, int]

    @abstractmethod
    def is_answered_by(self, folder: RecordFolder) -> bool:
        """Whether a folder of records holds what is asked for, of any model."""

    @abstractmethod
    def ask(self, inquiry: Inquiry) -> dict[str, Any]:
        """The status of the answer and its own columns. Raises as ``Inquiry.get``."""


@dataclass
class Summary:
    """What a run has done. A model that went over the budget shows in its costs alone."""

    answers: Counter[str] = field(default_factory=Counter)  # by status
    requests: int = 0
    rate_limited: int = 0
    bytes_read: int = 0


class _Result(NamedTuple):
    inquiry: Inquiry
    answer: AnswerOnModel | None = None  # None: over the budget
    is_silence: bool = False  # the Hub did not answer at all


class PerModelRun:
    """One question, asked about many models.

    Args:
        landed: where the answers are kept.
        warehouse: where they are loaded.
        check_lock: called before an answer is kept; raises where another run has taken over.

    Attributes:
        summary: what it has done so far, which stands also where it fails.
    """

    def __init__(
        self,
        question: Question,
        landed: LandedAnswers,
        warehouse: RawTables,
        check_lock: Callable[[], None] = lambda: None,
    ) -> None:
        self.summary = Summary()
        self._check_lock = check_lock
        self._question = question
        self._landed = landed
        self._warehouse = warehouse

    def load_landed(self) -> int:
        """Load what earlier runs kept and did not come to load; gives how many answers."""
        loaded = self._warehouse.batches(self._question.table)
        return sum(self._load(batch) for batch in self._landed.batches if batch not in loaded)

    def ask(
        self,
        models: Iterable[Candidate],
        hub: HubReader,
        *,
        budget: int,
        workers: int,
        on_answer: Callable[[int], None] = lambda answers: None,
    ) -> None:
        """Ask about the models, in their order, until they or the budget end.

        Args:
            budget: the most requests; those asked again because of a 429 or a failure of the
                Hub come on top.
            workers: how many models to ask about at a time.
            on_answer: called with the number of answers that have come.

        Raises:
            LoaderError: the Hub cannot be reached or refuses the token, or the landing zone or
                the database cannot be written. What was answered is kept.
        """
        summary = self.summary
        silences: list[AnswerOnModel] = []
        in_batch = 0
        checked_at = -math.inf

        def keep(answer: AnswerOnModel) -> None:
            nonlocal in_batch, checked_at
            # In a bucket each look is a request or two; nothing is kept there before a batch ends.
            if time.monotonic() - checked_at >= SECONDS_BETWEEN_LOOKS_AT_THE_LOCK:
                self._check_lock()
                checked_at = time.monotonic()
            self._landed.add(answer)
            summary.answers[answer.status] += 1
            on_answer(1)
            in_batch += 1
            if in_batch == BATCH_SIZE:
                self._end_batch()
                in_batch = 0

        for inquiry, answer, is_silence in self._results(models, hub, Budget(budget), workers):
            summary.requests += inquiry.requests.total
            summary.rate_limited += inquiry.requests.rate_limited
            summary.bytes_read += inquiry.bytes_read
            if answer is None:
                continue
            if is_silence:
                # Held back until it is known whether it was about the model or about the Hub.
                silences.append(answer)
                if len(silences) == MOST_SILENCES:
                    raise LoaderError(
                        f"The Hub did not answer for {MOST_SILENCES} models in a row, the last "
                        f"time with: {answer.error}. Run the same command again later: it goes on."
                    )
                continue
            while silences:
                keep(silences.pop())
            keep(answer)
        while silences:
            keep(silences.pop())
        self._end_batch()

    def _results(
        self, models: Iterable[Candidate], hub: HubReader, budget: Budget, workers: int
    ) -> Iterator[_Result]:
        """Each result as soon as it is there, from several models at a time."""
        asked: SimpleQueue[Inquiry | None] = SimpleQueue()
        results: SimpleQueue[_Result | BaseException] = SimpleQueue()

        def work() -> None:
            for inquiry in iter(asked.get, None):
                try:
                    results.put(self._result(inquiry))
                except BaseException as error:
                    results.put(error)

        inquiries = _inquiries(models, hub, budget)
        in_flight = 0
        for inquiry in islice(inquiries, workers):
            asked.put(inquiry)
            in_flight += 1
            # Daemons: on Ctrl-C or an error the run ends at once, not with the quota's window.
            threading.Thread(target=work, daemon=True).start()
        while in_flight:
            result = results.get()
            if isinstance(result, BaseException):
                raise result
            if (inquiry := next(inquiries, None)) is not None:
                asked.put(inquiry)
            else:
                asked.put(None)
                in_flight -= 1
            yield result

    def _result(self, inquiry: Inquiry) -> _Result:
        is_silence = False
        try:
            found = self._question.ask(inquiry)
        except OverBudget:
            return _Result(inquiry)
        except (LoaderError, MemoryError):
            raise
        except (BadAnswer, NoAnswer) as error:
            is_silence = isinstance(error, NoAnswer)
            found = _failed(str(error))
        except Exception as error:  # whatever a stranger's file makes the libraries raise
            log.debug("%s of %s", self._question.name, inquiry.model.id, exc_info=True)
            found = _failed(f"{type(error).__name__}: {error}")
        answer = self._question.answer_type(
            hub_id=inquiry.model.hub_id,
            id=inquiry.model.id,
            fetched_at=datetime.now(UTC),
            last_modified=inquiry.model.last_modified,
            bytes_read=inquiry.bytes_read,
            requests=inquiry.requests.total,
            **found,
        )
        return _Result(inquiry, answer, is_silence)

    def _end_batch(self) -> None:
        self._check_lock()
        batch = self._landed.end_batch()
        if batch is not None:
            self._load(batch)

    def _load(self, batch: str) -> int:
        table = self._question.table
        rows = [
            msgspec.to_builtins(answer, builtin_types=(datetime,)) | {"batch": batch}
            for answer in self._landed.read(batch)
        ]
        if rows:  # a kill can leave a batch without any
            self._warehouse.append(table, pa.Table.from_pylist(rows, raw_schema.TABLES[table]))
        return len(rows)


def _failed(error: str) -> dict[str, Any]:
    told = (
        error[:_MAX_ERROR].encode(errors="replace").decode()
    )  # half of a surrogate pair is no text
    return {"status": "failed", "error": told}


def _inquiries(models: Iterable[Candidate], hub: HubReader, budget: Budget) -> Iterator[Inquiry]:
    for model in models:
        try:
            inquiry = Inquiry(model, hub, budget)
        except OverBudget:
            return
        yield inquiry
