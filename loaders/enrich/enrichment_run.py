"""A run that asks the Hub about one model at a time, the most wanted first.

A listing costs a request for 1,000 models, a question about one model a request at least. So
these runs are apart from the load, and each has a budget. No question is asked twice: every
answer, a "has none" and a failure included, is kept in the landing zone as soon as it comes
and is loaded a batch at a time. What a killed run has kept, the next one loads first.
"""

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from queue import SimpleQueue
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from loaders.enrich.model_requests import Budget, ModelRequests, OverBudgetError
from loaders.enrich.question import ModelAnswer, Question
from loaders.errors import LoaderError
from loaders.hub.repository import BadAnswerError, HubReader
from loaders.hub.retry import NoAnswerError
from loaders.landing.landed_answers import LandedAnswers
from loaders.warehouse import raw_schema
from loaders.warehouse.candidates import Candidate
from loaders.warehouse.raw_tables import RawTables

log = logging.getLogger(__name__)

# Answers to a load. Each load is a file and a transaction; BigQuery takes 1,500 a day.
BATCH_SIZE = 1_000
# So many models in a row without any answer: it is the Hub or the network that is down.
MAX_UNANSWERED_IN_A_ROW = 10

# Answers come a hundred a second.
SECONDS_BETWEEN_LOCK_CHECKS = 1.0

_MAX_ERROR = 500  # characters: an error quotes what strangers wrote


@dataclass
class Totals:
    """The answers and costs of a run. A model that went over the budget shows in costs alone."""

    answers: Counter[str] = field(default_factory=Counter)  # by status
    requests: int = 0
    rate_limited: int = 0
    bytes_read: int = 0


class _Result(NamedTuple):
    requests: ModelRequests
    began: float  # by the monotonic clock, as is its end
    ended: float
    answer: ModelAnswer | None = None  # None: over the budget
    is_unanswered: bool = False  # the Hub sent nothing at all


class EnrichmentRun:
    """One question, asked about many models.

    Args:
        landed: where the answers are kept.
        warehouse: where they are loaded.
        check_lock: called before an answer is kept; raises where another run has taken over.

    Attributes:
        totals: what it has done so far, which stands also where it fails.
    """

    def __init__(
        self,
        question: Question,
        landed: LandedAnswers[ModelAnswer],
        warehouse: RawTables,
        check_lock: Callable[[], None] = lambda: None,
    ) -> None:
        self.totals = Totals()
        self._check_lock = check_lock
        self._lock_checked_at = -math.inf
        self._question = question
        self._landed = landed
        self._in_batch = 0
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
        # Held back until it is known whether it was about the model or about the Hub. That it is
        # up, an answer says that was asked for later, not one under way when it went down.
        unanswered: list[tuple[float, ModelAnswer]] = []
        for result in self._results(models, hub, Budget(budget), workers):
            answer = self._count(result)
            if answer is None:
                continue
            if result.is_unanswered:
                unanswered.append((result.ended, answer))
                if len(unanswered) == MAX_UNANSWERED_IN_A_ROW:
                    raise LoaderError(
                        f"The Hub did not answer for {len(unanswered)} models in a row, the last "
                        f"time with: {answer.error}. Run the same command again later: it goes on."
                    )
                continue
            for ended, failed in unanswered:
                if ended <= result.began:
                    self._keep(failed, on_answer)
            unanswered = [held for held in unanswered if held[0] > result.began]
            self._keep(answer, on_answer)
        for _, failed in unanswered:
            self._keep(failed, on_answer)
        self._end_batch()

    def _count(self, result: _Result) -> ModelAnswer | None:
        """Add the costs of a model; gives its answer."""
        self.totals.requests += result.requests.count.total
        self.totals.rate_limited += result.requests.count.rate_limited
        self.totals.bytes_read += result.requests.bytes_read
        return result.answer

    def _keep(self, answer: ModelAnswer, on_answer: Callable[[int], None]) -> None:
        # In a bucket each check is a request or two; nothing is kept there before a batch ends.
        if time.monotonic() - self._lock_checked_at >= SECONDS_BETWEEN_LOCK_CHECKS:
            self._check_lock()
            self._lock_checked_at = time.monotonic()
        self._landed.add(answer)
        self.totals.answers[answer.status] += 1
        on_answer(1)
        self._in_batch += 1
        if self._in_batch == BATCH_SIZE:
            self._end_batch()

    def _results(
        self, models: Iterable[Candidate], hub: HubReader, budget: Budget, workers: int
    ) -> Iterator[_Result]:
        """Give each result as soon as it is there, from several models at a time."""
        asked: SimpleQueue[ModelRequests | None] = SimpleQueue()
        results: SimpleQueue[_Result | BaseException] = SimpleQueue()

        def work() -> None:
            for requests in iter(asked.get, None):
                try:
                    results.put(self._result(requests))
                except BaseException as error:
                    results.put(error)

        waiting = _within_budget(models, hub, budget)
        in_flight = 0
        for requests in islice(waiting, workers):
            asked.put(requests)
            in_flight += 1
            # Daemons: on Ctrl-C or an error the run ends at once, not with the quota's window.
            threading.Thread(target=work, daemon=True).start()
        while in_flight:
            result = results.get()
            if isinstance(result, BaseException):
                raise result
            following = next(waiting, None)
            asked.put(following)
            if following is None:
                in_flight -= 1
            yield result

    def _result(self, requests: ModelRequests) -> _Result:
        is_unanswered = False
        began = time.monotonic()
        try:
            found = self._question.ask(requests)
        except OverBudgetError:
            return _Result(requests, began, time.monotonic())
        except (LoaderError, MemoryError):
            raise
        except (BadAnswerError, NoAnswerError) as error:
            is_unanswered = isinstance(error, NoAnswerError)
            found = _failed(str(error))
        except Exception as error:  # whatever a stranger's file makes the libraries raise
            log.debug("%s of %s", self._question.name, requests.model.id, exc_info=True)
            found = _failed(f"{type(error).__name__}: {error}")
        answer = self._question.answer_type(
            hub_id=requests.model.hub_id,
            id=requests.model.id,
            fetched_at=datetime.now(UTC),
            last_modified=requests.model.last_modified,
            bytes_read=requests.bytes_read,
            requests=requests.count.total,
            **found,
        )
        return _Result(requests, began, time.monotonic(), answer, is_unanswered)

    def _end_batch(self) -> None:
        self._check_lock()
        self._in_batch = 0
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
    # Half of a surrogate pair is no text.
    text = error[:_MAX_ERROR].encode(errors="replace").decode()
    return {"status": "failed", "error": text}


def _within_budget(
    models: Iterable[Candidate], hub: HubReader, budget: Budget
) -> Iterator[ModelRequests]:
    """Give the requests of each model until the budget has none left for the next."""
    for model in models:
        try:
            requests = ModelRequests(model, hub, budget)
        except OverBudgetError:
            return
        yield requests
