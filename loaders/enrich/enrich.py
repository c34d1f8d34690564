"""The commands ``parameters`` and ``details``: what the Hub says of one model at a time."""

from datetime import UTC, datetime, timedelta

from loaders.enrich.details import Details
from loaders.enrich.enrichment_run import EnrichmentRun, Totals
from loaders.enrich.parameters import Parameters
from loaders.enrich.question import Question
from loaders.errors import LoaderError
from loaders.hub.rate_limiter import quota_time
from loaders.hub.repository import HubReader
from loaders.hub.session import hub_session
from loaders.landing.landed_answers import LandedAnswers
from loaders.landing.lock import run_lock
from loaders.progress import Progress
from loaders.settings import EnrichOptions
from loaders.sources import Source, find_source
from loaders.summary import RunSummary
from loaders.warehouse.candidates import Candidate, find_candidates
from loaders.warehouse.destinations import destination
from loaders.warehouse.raw_schema import RAW_DATASET
from loaders.warehouse.raw_tables import RawTables
from loaders.warehouse.schemas import schema
from loaders.warehouse.snapshots import KeptSnapshot

QUESTIONS: dict[str, Question] = {question.name: question for question in (Parameters(), Details())}
# Longer ago there may be no date: datetime begins with the year 1.
_LONGEST_RETRY_DAYS = 36_500.0


def enrich(options: EnrichOptions, summary: RunSummary) -> None:
    """Ask one question about the models of the newest snapshot that are still to be asked about.

    Raises:
        LoaderError: the source cannot answer, there are no models yet, or Hub, landing zone or
            warehouse cannot be used. What was answered stays.
    """
    question = QUESTIONS[options.command]
    source = find_source(options.source)
    summary.hub = source.name
    # Else "has none" would be kept as the answer of the Hub that the folder names, for good.
    if source.folder is not None and not question.is_answered_by(source.folder):
        raise LoaderError(
            "A folder of records cannot be asked about single models: give the Hub's address with "
            "--hub."
        )
    run = options.run
    with run_lock(
        run.landing_zone, source.name, summary.command, wait_minutes=run.lock_wait_minutes
    ) as check_lock:
        warehouse = RawTables(destination(run.target), check_lock)
        newest = _newest_models(options, source, warehouse)
        summary.snapshot_date = newest.snapshot_date
        landed = LandedAnswers(
            run.landing_zone, source.landing_key, question.name, question.answer_type
        )
        enrichment = EnrichmentRun(question, landed, warehouse, check_lock)
        if found := enrichment.load_landed():
            print(f"Loaded {found:,} answers that an earlier run had kept")
        models, waiting = _candidates(options, question, warehouse, newest)
        print(
            f"{question.name}: {waiting:,} models of {source.name} as of {newest.snapshot_date} "
            f"are left to ask about; {len(models):,} can be asked now"
        )
        if options.dry_run:
            share = options.requests.quota_share
            time = quota_time(len(models), share, question.calls_a_window)
            print(f"  {len(models):,} requests or somewhat more: {time}")
        elif models:
            with source.endpoint(newest.snapshot_date) as endpoint:
                _ask(options, enrichment, models, endpoint, summary)
            print(_costs(question, enrichment.totals))
            left = waiting - enrichment.totals.answers.total()
            print(f"  {left:,} models are left for another run")


def _newest_models(options: EnrichOptions, source: Source, warehouse: RawTables) -> KeptSnapshot:
    """Find the newest listing of models. Raises LoaderError: there is none, or another Hub's."""
    kept = warehouse.kept_snapshots()
    newest = next((snapshot for snapshot in kept if snapshot.kind == "models"), None)
    if newest is None:
        raise LoaderError(
            f"{warehouse.name} holds no models yet. Load their listing first: "
            f"python -m loaders load --hub {options.source.hub}"
        )
    source.check_warehouse(kept, warehouse.name)
    return newest


def _candidates(
    options: EnrichOptions, question: Question, warehouse: RawTables, newest: KeptSnapshot
) -> tuple[list[Candidate], int]:
    """Give the models to ask about in this run, and how many are left in all."""
    retry_days = min(options.retry_failed_after_days, _LONGEST_RETRY_DAYS)
    return find_candidates(
        warehouse.database,
        question.table,
        question.condition,
        snapshot_date=newest.snapshot_date,
        min_downloads=options.min_downloads,
        failed_before=datetime.now(UTC) - timedelta(days=retry_days),
        limit=min(options.limit or options.budget, options.budget),
    )


def _ask(
    options: EnrichOptions,
    enrichment: EnrichmentRun,
    models: list[Candidate],
    endpoint: str,
    summary: RunSummary,
) -> None:
    """Ask about the models, and sum up what was asked also where that fails."""
    requests = options.requests
    with (
        hub_session(quota_share=requests.quota_share, timeout=requests.timeout),
        Progress(f"asking for {options.command}", len(models)) as progress,
    ):
        hub = HubReader(
            endpoint,
            token=requests.token,
            token_over_http=requests.token_over_http,
            retries=requests.retries,
        )
        try:
            enrichment.ask(
                models,
                hub,
                budget=options.budget,
                workers=options.workers,
                on_answer=progress.advance,
            )
        finally:
            totals = enrichment.totals
            summary.requests, summary.rate_limited = totals.requests, totals.rate_limited
            summary.asked = {"answers": dict(totals.answers), "bytes": totals.bytes_read}


def _costs(question: Question, totals: Totals) -> str:
    """Describe in some lines what was answered, and what it cost."""
    models = totals.answers.total()
    statuses = ", ".join(f"{count:,} {status}" for status, count in totals.answers.most_common())
    table = f"{schema(RAW_DATASET)}.{question.table}"
    return (
        f"{question.name}: asked about {models:,} models: {statuses or 'none within the budget'}\n"
        f"  {totals.requests:,} requests ({totals.requests / max(models, 1):.2f} a model), "
        f"{totals.rate_limited:,} of them answered with 429; {totals.bytes_read / 1e6:,.1f} MB\n"
        f"  each answer is in {table}, with the reason where it failed"
    )
