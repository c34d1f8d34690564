"""The commands ``parameters`` and ``details``: what the Hub tells of one model at a time."""

import argparse
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from loaders.enrich.per_model import PerModelRun, Question, Summary
from loaders.errors import LoaderError
from loaders.hub.rate_limiter import quota_time
from loaders.hub.repository import HubReader
from loaders.hub.session import hub_session
from loaders.landing.landed_answers import LandedAnswers
from loaders.progress import Progress
from loaders.settings import (
    chosen_lock,
    chosen_source,
    landing_zone,
    refuse_other_source,
)
from loaders.sources import Source
from loaders.summary import RunSummary
from loaders.warehouse.candidates import find_candidates
from loaders.warehouse.destinations import destination
from loaders.warehouse.raw_schema import RAW_DATASET
from loaders.warehouse.raw_tables import RawTables
from loaders.warehouse.schemas import schema


def ask(options: argparse.Namespace, summary: RunSummary) -> None:
    """Ask one question about the models of the newest snapshot that are still to be asked about."""
    source = chosen_source(options)
    summary.hub = source.name
    # Else "has none" would be kept as the answer of the Hub that the folder names, for good.
    if source.folder is not None and not options.question.is_answered_by(source.folder):
        raise LoaderError(
            "A folder of records cannot be asked about single models: give the Hub's address with "
            "--hub."
        )
    with chosen_lock(options, source.name, summary) as check_lock:
        _ask(options, summary, source, check_lock)


def _ask(
    options: argparse.Namespace,
    summary: RunSummary,
    source: Source,
    check_lock: Callable[[], None],
) -> None:
    question: Question = options.question
    warehouse = RawTables(destination(options.target), check_lock)
    kept = warehouse.kept_snapshots()
    newest = next((snapshot for snapshot in kept if snapshot.kind == "models"), None)
    if newest is None:
        raise LoaderError(
            f"{warehouse.name} holds no models yet. Load their listing first: "
            f"python -m loaders load --hub {options.hub}"
        )
    summary.snapshot_date = newest.snapshot_date
    refuse_other_source(kept, source, warehouse)
    landed = LandedAnswers(landing_zone(), source.landing_key, question.name, question.answer_type)
    run = PerModelRun(question, landed, warehouse, check_lock)
    if found := run.load_landed():
        print(f"Loaded {found:,} answers that an earlier run had kept")
    models, waiting = find_candidates(
        warehouse.database,
        question.table,
        question.condition,
        snapshot_date=newest.snapshot_date,
        min_downloads=options.min_downloads,
        failed_before=datetime.now(UTC) - timedelta(days=min(options.retry_failed_after, 36_500)),
        limit=min(options.limit or options.budget, options.budget),
    )
    print(
        f"{question.name}: {waiting:,} models of {source.name} as of {newest.snapshot_date} are "
        f"left to ask about; {len(models):,} can be asked now"
    )
    if options.dry_run:
        time = quota_time(len(models), options.quota_share, question.calls_a_window)
        print(f"  {len(models):,} requests or somewhat more: {time}")
    elif models:
        with (
            hub_session(quota_share=options.quota_share, timeout=options.timeout),
            source.endpoint(newest.snapshot_date) as endpoint,
            Progress(f"asking for {question.name}", len(models)) as progress,
        ):
            hub = HubReader(
                endpoint,
                token=os.environ.get("HF_TOKEN"),
                token_over_http=options.token_over_http,
                retries=options.retries,
            )
            try:
                run.ask(
                    models,
                    hub,
                    budget=options.budget,
                    workers=options.workers,
                    on_answer=progress.advance,
                )
            finally:
                asked = run.summary
                summary.requests, summary.rate_limited = asked.requests, asked.rate_limited
                summary.asked = {"answers": dict(asked.answers), "bytes": asked.bytes_read}
        print(_cost(question, asked))
        print(f"  {waiting - asked.answers.total():,} models are left for another run")


def _cost(question: Question, asked: Summary) -> str:
    models = asked.answers.total()
    statuses = ", ".join(f"{count:,} {status}" for status, count in asked.answers.most_common())
    table = f"{schema(RAW_DATASET)}.{question.table}"
    return (
        f"{question.name}: asked about {models:,} models: {statuses or 'none within the budget'}\n"
        f"  {asked.requests:,} requests ({asked.requests / max(models, 1):.2f} a model), "
        f"{asked.rate_limited:,} of them answered with 429; {asked.bytes_read / 1e6:,.1f} MB\n"
        f"  each answer is in {table}, with the reason where it failed"
    )
