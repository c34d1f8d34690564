"""The command line of the loaders: ``python -m loaders``."""

import argparse
import logging
import math
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from queue import SimpleQueue
from typing import Any

from loaders import local_hub
from loaders.crawl import MAX_PAGES, crawl
from loaders.destinations import DESTINATIONS, destination
from loaders.errors import LoaderError
from loaders.hub_client import HubListing, HubReader, hub_session
from loaders.landing_zone import LandedAnswers, LandedCrawl
from loaders.model_details import Details
from loaders.model_parameters import Parameters
from loaders.per_model import PerModelRun, Question, Summary
from loaders.pipelines import KeptSnapshot, LoadedSnapshot, Warehouse
from loaders.progress import Progress
from loaders.sources import Source, find_source

log = logging.getLogger(__name__)

# When one crawl fails, the other may still keep the page that it is waiting for.
SECONDS_FOR_THE_PAGE_UNDER_WAY = 5.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code: 0, or 1 with the reason on standard error. A wrong argument ends with
        exit code 2, as argparse has it, and Ctrl-C with 130.
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.WARNING,  # of the libraries; one line a request would drown ours
        format="%(asctime)s %(levelname)s %(message)s",
        datefmt="%H:%M:%S",
        stream=sys.stderr,
    )
    logging.getLogger("loaders").setLevel(logging.INFO)
    try:
        options.command(options)
    except LoaderError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; run the same command again and it goes on", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loaders",
        description="Bring the Hub's listing into the raw schema of the warehouse, and what the "
        "listing leaves out.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_load(commands)
    _add_question(
        commands,
        Parameters(),
        help="count the parameters of models for which the listing has no count",
        description="Read the headers of the safetensors files of models for which the listing "
        "has no count of parameters, the most downloaded first, into hub_raw.model_parameters.",
    )
    _add_question(
        commands,
        Details(),
        help="ask for storage and Spaces of the models for text generation",
        description="Ask for the used storage and the number of Spaces of the models for text "
        "generation, the most downloaded first, into hub_raw.model_details.",
    )
    return parser


def _add_load(commands: Any) -> None:
    load = commands.add_parser(
        "load",
        parents=[_hub_options()],
        help="crawl and load the listings of models and datasets",
        description="Crawl the listings of models and datasets and load them as one snapshot. "
        "A crawl that was stopped goes on where it was; a snapshot that is loaded again is "
        "replaced.",
        epilog=_ENVIRONMENT,
    )
    load.set_defaults(command=_load)
    load.add_argument(
        "--snapshot-date",
        metavar="YYYY-MM-DD",
        type=_date,
        help="the day (UTC) that the snapshot stands for; by default today, and "
        f"{local_hub.SAMPLE_DATE} for the sample",
    )
    load.add_argument(
        "--max-pages",
        metavar="N",
        type=_positive(int),
        default=MAX_PAGES,
        help="take a longer listing for endless (default: %(default)s)",
    )
    load.add_argument(
        "--refetch",
        action="store_true",
        help="crawl anew, though the landing zone has the snapshot or a part of it",
    )
    load.add_argument(
        "--force",
        action="store_true",
        help="load a snapshot though it looks truncated; the fact is recorded",
    )


def _add_question(commands: Any, question: Question, *, help: str, description: str) -> None:
    ask = commands.add_parser(
        question.name,
        parents=[_hub_options()],
        help=help,
        description=f"{description} This takes a request or more for each model. No model is "
        "asked about twice, unless it has changed; a run that was stopped goes on where it was.",
        epilog=_ENVIRONMENT,
    )
    ask.set_defaults(command=_ask, question=question)
    ask.add_argument(
        "--budget",
        metavar="N",
        type=_positive(int),
        default=10_000,
        help="the most requests to make (default: %(default)s)",
    )
    ask.add_argument(
        "--limit",
        metavar="N",
        type=_positive(int),
        help="the most models to ask about (default: as many as the budget allows)",
    )
    ask.add_argument(
        "--min-downloads",
        metavar="N",
        type=_positive(int, or_zero=True),
        default=0,
        help="leave out models with fewer downloads in the last 30 days (default: %(default)s)",
    )
    ask.add_argument(
        "--retry-failed-after",
        metavar="DAYS",
        type=_positive(float, or_zero=True),
        default=30.0,
        help="ask again about a model whose question failed so long ago; 0: about each "
        "(default: %(default)g)",
    )
    ask.add_argument(
        "--workers",
        metavar="N",
        type=_positive(int),
        default=8,
        help="models to ask about at a time, within the quota (default: %(default)s)",
    )
    ask.add_argument(
        "--dry-run",
        action="store_true",
        help="ask nothing; say how many models would be asked about, and how long it would take",
    )


_ENVIRONMENT = (
    "Environment: HF_TOKEN (the Hub's token), HF_ENDPOINT (the default of --hub), "
    "HUB_DUCKDB_PATH (data/hub.duckdb), HUB_LANDING (data/landing, or gs://bucket/folder), "
    "GOOGLE_CLOUD_PROJECT and GOOGLE_CLOUD_LOCATION (for --destination bigquery)."
)


def _hub_options() -> argparse.ArgumentParser:
    """The options of every command: from which Hub, how, and where to."""
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument(
        "--hub",
        metavar="WHERE",
        default=os.environ.get("HF_ENDPOINT", "https://huggingface.co"),
        help="'sample' (a synthetic Hub, no network), an address, or a folder with "
        "models.jsonl.gz and datasets.jsonl.gz (default: %(default)s)",
    )
    options.add_argument(
        "--destination",
        choices=DESTINATIONS,
        default="duckdb",
        help="the engine to load into (default: %(default)s)",
    )
    options.add_argument(
        "--quota-share",
        metavar="SHARE",
        type=_share,
        default=0.8,
        help="the part of the Hub's quota to use, above 0 and up to 1 (default: %(default)s)",
    )
    options.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_positive(float),
        default=60.0,
        help="how long to wait for an answer of the Hub (default: %(default)g)",
    )
    options.add_argument(
        "--retries",
        metavar="N",
        type=_positive(int, or_zero=True),
        default=8,
        help="how often to ask again when an answer failed (default: %(default)s)",
    )
    sample = options.add_argument_group("the sample")
    for name, default, help in (
        ("models", local_hub.SAMPLE_MODELS, "models that it lists"),
        ("datasets", local_hub.SAMPLE_DATASETS, "datasets that it lists"),
        ("seed", local_hub.SAMPLE_SEED, "another seed number makes another Hub"),
    ):
        sample.add_argument(
            f"--sample-{name}",
            metavar="N",
            type=_positive(int, or_zero=True),
            default=default,
            help=f"{help} (default: %(default)s)",
        )
    return options


def _load(options: argparse.Namespace) -> None:
    snapshot_date = _snapshot_date(options)
    source = _source(options, snapshot_date)
    warehouse = Warehouse(destination(options.destination))
    kept = warehouse.kept_snapshots()
    _refuse_other_source(kept, source, warehouse)
    crawls = {
        kind: LandedCrawl(_landing_zone(), source.landing_key, kind, snapshot_date)
        for kind in source.kinds
    }
    if options.refetch:
        for landed in crawls.values():
            landed.remove()
    print(
        f"Loading {' and '.join(source.kinds)} of {source.name} as of {snapshot_date} "
        f"into {warehouse.name}"
    )
    for landed in _crawled(crawls, source, options, kept):
        with Progress(f"loading {landed.kind}", landed.snapshot.records) as progress:
            loaded = warehouse.load(
                landed,
                source=source.name,
                is_synthetic=source.is_synthetic,
                force=options.force,
                on_page=progress.advance,
            )
        print(_summary(loaded))


def _crawled(
    crawls: dict[str, LandedCrawl],
    source: Source,
    options: argparse.Namespace,
    kept: list[KeptSnapshot],
) -> Iterator[LandedCrawl]:
    """Each crawl as soon as it is complete. Those that are not yet run side by side."""
    open_crawls = {kind: landed for kind, landed in crawls.items() if landed.snapshot is None}
    yield from (landed for landed in crawls.values() if landed.snapshot is not None)
    if not open_crawls:
        return
    ended: SimpleQueue[LandedCrawl | BaseException] = SimpleQueue()
    stopping = threading.Event()

    def run(kind: str, endpoint: str) -> None:
        landed = open_crawls[kind]
        listing = HubListing(
            endpoint, kind, token=os.environ.get("HF_TOKEN"), retries=options.retries
        )
        expected = next((snapshot.records for snapshot in kept if snapshot.kind == kind), None)
        done = sum(page.records for page in landed.pages)
        try:
            with Progress(f"crawling {kind}", expected, done) as progress:
                crawl(
                    listing,
                    landed,
                    source.name,
                    on_page=progress.advance,
                    max_pages=options.max_pages,
                    is_stopped=stopping.is_set,
                )
        except BaseException as error:
            ended.put(error)
        else:
            ended.put(landed)

    with (
        hub_session(quota_share=options.quota_share, timeout=options.timeout),
        source.endpoint() as endpoint,
    ):
        # Daemons, for a page can take minutes and Ctrl-C must not. Nothing is lost with them: every
        # page is kept as soon as it has come.
        threads = [
            threading.Thread(target=run, args=(kind, endpoint), daemon=True) for kind in open_crawls
        ]
        for thread in threads:
            thread.start()
        try:
            for _ in open_crawls:
                result = ended.get()
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            stopping.set()
            for thread in threads:
                thread.join(SECONDS_FOR_THE_PAGE_UNDER_WAY)


def _ask(options: argparse.Namespace) -> None:
    question: Question = options.question
    warehouse = Warehouse(destination(options.destination))
    kept = warehouse.kept_snapshots()
    newest = next((snapshot for snapshot in kept if snapshot.kind == "models"), None)
    if newest is None:
        raise LoaderError(
            f"{warehouse.name} holds no models yet. Load their listing first: "
            f"python -m loaders load --hub {options.hub}"
        )
    source = _source(options, newest.snapshot_date)
    _refuse_other_source(kept, source, warehouse)
    landed = LandedAnswers(_landing_zone(), source.landing_key, question.name, question.answer_type)
    run = PerModelRun(question, landed, warehouse)
    if found := run.load_landed():
        print(f"Loaded {found:,} answers that an earlier run had kept")
    models, waiting = warehouse.waiting_models(
        question.table,
        question.condition,
        snapshot_date=newest.snapshot_date,
        min_downloads=options.min_downloads,
        failed_before=datetime.now(UTC) - timedelta(days=min(options.retry_failed_after, 36_500)),
        limit=min(options.limit or options.budget, options.budget),
    )
    print(
        f"{question.name}: {waiting:,} models of {source.name} as of {newest.snapshot_date} wait; "
        f"{len(models):,} can be asked about now"
    )
    if options.dry_run:
        print(_forecast(question, len(models), options.quota_share))
    elif models:
        with (
            hub_session(quota_share=options.quota_share, timeout=options.timeout),
            source.endpoint() as endpoint,
            Progress(f"asking for {question.name}", len(models)) as progress,
        ):
            hub = HubReader(endpoint, token=os.environ.get("HF_TOKEN"), retries=options.retries)
            asked = run.ask(
                models,
                hub,
                budget=options.budget,
                workers=options.workers,
                on_answer=progress.advance,
            )
        print(_cost(question, asked))
        print(f"  {waiting - asked.answers.total():,} models wait for another run")


def _source(options: argparse.Namespace, snapshot_date: date) -> Source:
    return find_source(
        options.hub,
        snapshot_date,
        models=options.sample_models,
        datasets=options.sample_datasets,
        seed=options.sample_seed,
    )


def _landing_zone() -> str:
    return os.environ.get("HUB_LANDING", "data/landing")


def _snapshot_date(options: argparse.Namespace) -> date:
    today = datetime.now(UTC).date()
    if options.hub == "sample":
        return options.snapshot_date or local_hub.SAMPLE_DATE
    chosen = options.snapshot_date or today
    if chosen > today:
        raise LoaderError(
            f"--snapshot-date {chosen} lies ahead: today is {today} (UTC), and a listing stands "
            "for the day that it was taken on."
        )
    return chosen


def _refuse_other_source(kept: list[KeptSnapshot], source: Source, warehouse: Warehouse) -> None:
    other = next((snapshot.source for snapshot in kept if snapshot.source != source.name), None)
    if other:
        raise LoaderError(
            f"{warehouse.name} holds the Hub {other!r}; loading {source.name!r} into it would mix "
            "two Hubs in one series. Set HUB_DUCKDB_PATH to another file (on BigQuery, "
            "GOOGLE_CLOUD_PROJECT to another project), or load the same Hub."
        )


def _summary(loaded: LoadedSnapshot) -> str:
    lines = [f"{loaded.kind}: {loaded.records:,} rows in hub_raw.{loaded.kind}"]
    if loaded.without_created_at:
        lines.append(f"  {loaded.without_created_at:,} of them carry no creation date: kept")
    if loaded.rejects:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in loaded.rejects.items())
        lines.append(f"  left out: {reasons}; each is in hub_raw.rejects with its text")
    return "\n".join(lines)


def _forecast(question: Question, requests: int, share: float) -> str:
    anonymous, with_token = (
        math.ceil(5 * requests / (share * calls)) for calls in question.calls_a_window
    )
    return (
        f"  {requests:,} requests or somewhat more: some {with_token:,} min at {share:.0%} of the "
        f"quota of a free token, {anonymous:,} min without a token"
    )


def _cost(question: Question, asked: Summary) -> str:
    models = asked.answers.total()
    statuses = ", ".join(f"{count:,} {status}" for status, count in asked.answers.most_common())
    return (
        f"{question.name}: asked about {models:,} models: {statuses or 'none within the budget'}\n"
        f"  {asked.requests:,} requests ({asked.requests / max(models, 1):.2f} a model), "
        f"{asked.rate_limited:,} of them answered with 429; {asked.bytes_read / 1e6:,.1f} MB\n"
        f"  each answer is in hub_raw.{question.table}, with the reason where it failed"
    )


def _date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-10-31") from error


def _share(text: str) -> float:
    share = _positive(float)(text)
    if share > 1:
        raise argparse.ArgumentTypeError(f"{text} is more than the whole quota, 1")
    return share


def _positive(number: Callable[[str], Any], *, or_zero: bool = False) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        try:
            value = number(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} is no number") from error
        if not (value > 0 or (or_zero and value == 0)):
            raise argparse.ArgumentTypeError(f"{text} is too small")
        return value

    return convert
