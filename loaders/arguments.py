"""The arguments of ``python -m loaders``, and what ``--help`` says of them.

An argument goes by the name of its field in ``settings.py``.
"""

import argparse
import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TypeAlias, TypeVar

from loaders.hub.fields import LISTINGS
from loaders.load.crawl import MAX_PAGES
from loaders.warehouse.destinations import DESTINATIONS

_EXIT_CODES = (
    "Exit codes: 0 done; 1 refused or failed, with the reason on standard error: what was done is "
    "kept, and the same command run again goes on; 2 wrong arguments; 130 stopped by Ctrl-C or "
    "SIGTERM. One run at a time works on one Hub in one landing zone: a second one says who is "
    "there, and ends with 1, once --wait-for-lock is over."
)

_ENVIRONMENT = (
    "Environment: HF_TOKEN (the Hub's token), HF_ENDPOINT (the default of --hub), "
    "HUB_DUCKDB_PATH (data/hub.duckdb), HUB_LANDING (data/landing, or gs://bucket/folder), "
    "HUB_KEEP_PAGES and HUB_SUMMARY (the defaults of --keep-pages and --summary), "
    "HUB_SCHEMA_PREFIX (none; stands before the name of each schema), "
    "GOOGLE_CLOUD_PROJECT and GOOGLE_CLOUD_LOCATION (for --target bigquery)."
)

_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
_Number = TypeVar("_Number", int, float)


def command_line() -> argparse.ArgumentParser:
    """Make the parser of all commands; ``command`` holds the name of the one that was given."""
    parser = argparse.ArgumentParser(
        prog="python -m loaders",
        description="Bring the Hub's listing into the raw schema of the warehouse, and what the "
        "listing leaves out.",
        epilog=_EXIT_CODES,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    _add_load(commands)
    _add_enrich(
        commands,
        "parameters",
        help="count the parameters of models for which the listing has no count",
        description="Read the headers of the safetensors files of models for which the listing "
        "has no count of parameters, the most downloaded first, into hub_raw.model_parameters. "
        "This takes a request or more for each model.",
    )
    _add_enrich(
        commands,
        "details",
        help="ask for storage and Spaces of the models for text generation",
        description="Ask for the used storage and the number of Spaces of the models for text "
        "generation, the most downloaded first, into hub_raw.model_details. This takes a "
        "request for each model.",
    )
    _add_snapshots(commands)
    return parser


def _add_load(commands: _Commands) -> None:
    parser = commands.add_parser(
        "load",
        parents=[_run_arguments(), _hub_arguments()],
        help="crawl and load the listings of models and datasets",
        description="Crawl the listings of models and datasets and load them as one snapshot. "
        "A crawl that was stopped goes on where it was; a snapshot that is loaded again is "
        "replaced.",
        epilog=f"{_EXIT_CODES} {_ENVIRONMENT}",
    )
    parser.add_argument(
        "--snapshot-date",
        metavar="YYYY-MM-DD",
        type=_date,
        help="the day (UTC) that the snapshot stands for; by default today, of a folder what its "
        "hub.json says, and 2026-10-15 for the sample. Of a past day, only what was landed is "
        "loaded, and a crawl that was begun on it is ended, within 48 hours of its end",
    )
    parser.add_argument(
        "--max-pages",
        metavar="N",
        type=_positive(int),
        default=MAX_PAGES,
        help="treat a longer listing as endless (default: %(default)s)",
    )
    _add_overruling(parser)
    parser.add_argument(
        "--keep-pages",
        metavar="N",
        type=_positive(int),
        default=os.environ.get("HUB_KEEP_PAGES") or None,
        help="after the load, remove the pages of all but the N newest snapshots of each kind "
        "from the landing zone; those that this warehouse does not hold always stay (default: "
        "HUB_KEEP_PAGES, else keep all)",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="fetch and write nothing; say what would be fetched, how long the quota makes it, "
        "and what would be replaced",
    )


def _add_overruling(parser: argparse.ArgumentParser) -> None:
    """Add what replaces or loads although a check speaks against it."""
    parser.add_argument(
        "--refetch",
        action="store_true",
        help="crawl anew, though the landing zone has the snapshot or a part of it; of an address, "
        "today's alone",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="load a snapshot that a check refused (too few rows, its date, completeness); the "
        "fact is recorded",
    )
    parser.add_argument(
        "--allow-later-crawl",
        action="store_true",
        help="load a landed listing though it was crawled after its day, or after the one that it "
        "replaces; the fact is recorded",
    )


def _add_enrich(commands: _Commands, question: str, *, help: str, description: str) -> None:
    parser = commands.add_parser(
        question,
        parents=[_run_arguments(), _hub_arguments()],
        help=help,
        description=f"{description} No model is asked about twice, unless it has changed; a run "
        "that was stopped goes on where it was. A folder of records cannot answer: give the Hub's "
        "address.",
        epilog=f"{_EXIT_CODES} {_ENVIRONMENT}",
    )
    parser.add_argument(
        "--budget",
        metavar="N",
        type=_positive(int),
        default=10_000,
        help="the most requests to make (default: %(default)s)",
    )
    _add_choice_of_models(parser)
    parser.add_argument(
        "--workers",
        metavar="N",
        type=_positive(int),
        default=8,
        help="models to ask about at a time, within the quota (default: %(default)s)",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="ask nothing; say how many models would be asked about, and how long it would take",
    )


def _add_choice_of_models(parser: argparse.ArgumentParser) -> None:
    """Add what chooses the models to ask about."""
    parser.add_argument(
        "--limit",
        metavar="N",
        type=_positive(int),
        help="the most models to ask about (default: as many as the budget allows)",
    )
    parser.add_argument(
        "--min-downloads",
        metavar="N",
        type=_positive(int, or_zero=True),
        default=0,
        help="leave out models with fewer downloads in the last 30 days (default: %(default)s)",
    )
    parser.add_argument(
        "--retry-failed-after",
        dest="retry_failed_after_days",
        metavar="DAYS",
        type=_positive(float, or_zero=True),
        default=30.0,
        help="ask again about a model whose question failed so long ago; 0: about each "
        "(default: %(default)g)",
    )


def _add_snapshots(commands: _Commands) -> None:
    parser = commands.add_parser(
        "snapshots",
        parents=[_run_arguments()],
        help="list the snapshots in the warehouse, or drop one",
        description="List the snapshots in the warehouse, newest first, and whether the landing "
        "zone still has their pages; with --drop, remove those of a day instead.",
        epilog=f"{_EXIT_CODES} {_ENVIRONMENT}",
    )
    parser.add_argument(
        "--kind", choices=LISTINGS, help="list or drop this kind alone (default: both)"
    )
    action = parser.add_mutually_exclusive_group()
    action.add_argument(
        "--json",
        dest="as_json",
        action="store_true",
        help="list them as JSON, with all that is known of them",
    )
    action.add_argument(
        "--drop",
        metavar="YYYY-MM-DD",
        type=_date,
        help="remove the snapshot of that day from the warehouse; its pages stay where they are",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="drop it though its pages are gone, so that it can never be loaded again",
    )


def _run_arguments() -> argparse.ArgumentParser:
    """Make the arguments of every command."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--target",
        choices=DESTINATIONS,
        default="duckdb",
        help="the engine of the warehouse (default: %(default)s)",
    )
    # Its name before dbt's and the report's was taken: schedules may still give it.
    parser.add_argument(
        "--destination", dest="target", choices=DESTINATIONS, help=argparse.SUPPRESS
    )
    parser.add_argument(
        "--summary",
        metavar="FILE",
        type=Path,
        default=os.environ.get("HUB_SUMMARY") or None,
        help="at the end, also of a run that failed, write what it did to this file, as JSON "
        "(default: HUB_SUMMARY, else none)",
    )
    parser.add_argument(
        "--wait-for-lock",
        dest="lock_wait_minutes",
        metavar="MINUTES",
        type=_positive(float, or_zero=True),
        default=0.0,
        help="how long to wait while another run works on the same Hub in the same landing zone "
        "(default: %(default)g, refuse at once)",
    )
    return parser


def _hub_arguments() -> argparse.ArgumentParser:
    """Make the arguments of the commands that ask a Hub: which, and how."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--hub",
        metavar="WHERE",
        default=os.environ.get("HF_ENDPOINT", "https://huggingface.co"),
        help="'sample' (a synthetic Hub, no network), an address, or a folder with "
        "models.jsonl.gz and datasets.jsonl.gz (default: %(default)s)",
    )
    parser.add_argument(
        "--quota-share",
        metavar="SHARE",
        type=_share,
        default=0.8,
        help="the part of the Hub's quota to use, above 0 and up to 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_positive(float),
        default=60.0,
        help="how long to wait for an answer of the Hub (default: %(default)g)",
    )
    parser.add_argument(
        "--retries",
        metavar="N",
        type=_positive(int, or_zero=True),
        default=8,
        help="how often to ask again when an answer failed (default: %(default)s)",
    )
    parser.add_argument(
        "--token-over-http",
        action="store_true",
        help="send HF_TOKEN to an http:// address of another machine, where whoever is on the way "
        "can read it",
    )
    _add_sample(parser)
    return parser


def _add_sample(parser: argparse.ArgumentParser) -> None:
    """Add the size of the sample. Its defaults are the simulator's, which a test holds these to."""
    sample = parser.add_argument_group("the sample")
    for name, help in (
        ("models", "models that it lists (default: 48000)"),
        ("datasets", "datasets that it lists (default: 9000)"),
        ("seed", "another seed number makes another Hub (default: 0)"),
    ):
        sample.add_argument(
            f"--sample-{name}", metavar="N", type=_positive(int, or_zero=True), help=help
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


def _positive(
    number: Callable[[str], _Number], *, or_zero: bool = False
) -> Callable[[str], _Number]:
    def convert(text: str) -> _Number:
        try:
            value = number(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} is no number") from error
        if not (value > 0 or (or_zero and value == 0)):
            raise argparse.ArgumentTypeError(f"{text} is too small")
        return value

    return convert
