"""The arguments of ``python -m loaders``, and what ``--help`` says of them.

An argument goes by the name of its field in ``settings.py``.
"""

import argparse
import os
from typing import TypeAlias

from loaders.archive.files import LAYOUTS
from loaders.archive.periods import PERIODS
from loaders.hub.fields import LISTINGS
from loaders.load.crawl import MAX_PAGES
from loaders.shared_arguments import day, hub_arguments, positive, run_arguments

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
    _add_history(commands)
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
        parents=[run_arguments(), hub_arguments()],
        help="crawl and load the listings of models and datasets",
        description="Crawl the listings of models and datasets and load them as one snapshot. "
        "A crawl that was stopped goes on where it was; a snapshot that is loaded again is "
        "replaced.",
        epilog=f"{_EXIT_CODES} {_ENVIRONMENT}",
    )
    parser.add_argument(
        "--snapshot-date",
        metavar="YYYY-MM-DD",
        type=day,
        help="the day (UTC) that the snapshot stands for; by default today, of a folder what its "
        "hub.json says, and 2026-10-15 for the sample. Of a past day, only what was landed is "
        "loaded, and a crawl that was begun on it is ended, within 48 hours of its end",
    )
    parser.add_argument(
        "--max-pages",
        metavar="N",
        type=positive(int),
        default=MAX_PAGES,
        help="treat a longer listing as endless (default: %(default)s)",
    )
    _add_overruling(parser)
    parser.add_argument(
        "--keep-pages",
        metavar="N",
        type=positive(int),
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


def _add_history(commands: _Commands) -> None:
    parser = commands.add_parser(
        "history",
        parents=[run_arguments(), hub_arguments()],
        help="load earlier listings from an archive that others kept",
        description="Read an archive of the Hub's earlier listings, and load the first usable one "
        "of each month as a snapshot of that Hub. Only the needed columns travel. A run that was "
        "stopped goes on where it was; what was loaded before is not read again, and what was "
        "crawled is left alone.",
        epilog=f"{_EXIT_CODES} {_ENVIRONMENT}",
    )
    parser.add_argument(
        "--from",
        dest="archive",
        metavar="ARCHIVE",
        required=True,
        help="a dataset repository, as hf://datasets/OWNER/NAME or by its page's address, on the "
        "Hub that --hub names; or a folder",
    )
    parser.add_argument(
        "--layout",
        choices=LAYOUTS,
        default=LAYOUTS[0],
        help="weekly: a file for each week, KIND/YYYY-MM-DD/KIND.parquet; revisions: KIND.parquet "
        "at each commit of the repository (default: %(default)s)",
    )
    _add_choice_of_files(parser)
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="read only lists and the footers of files; say which files, bytes, time and disk a "
        "run would take",
    )


def _add_choice_of_files(parser: argparse.ArgumentParser) -> None:
    """Add what chooses the files of an archive to load."""
    for name, which in (("since", "first"), ("until", "last")):
        parser.add_argument(
            f"--{name}",
            metavar="YYYY-MM-DD",
            type=day,
            help=f"the {which} day (UTC) to take a listing of (default: no bound)",
        )
    parser.add_argument(
        "--every",
        choices=PERIODS,
        default=PERIODS[0],
        help="take the first usable file of each (default: %(default)s)",
    )
    parser.add_argument("--kind", choices=LISTINGS, help="read this kind alone (default: both)")
    parser.add_argument(
        "--force",
        action="store_true",
        help="load also what a check refuses (too few rows, frozen counts, a day that was crawled "
        "or is loaded already); the fact is recorded",
    )
    parser.add_argument(
        "--offline",
        action="store_true",
        help="ask nobody, and load what the landing zone has of the archive",
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
        parents=[run_arguments(), hub_arguments()],
        help=help,
        description=f"{description} No model is asked about twice, unless it has changed; a run "
        "that was stopped goes on where it was. A folder of records cannot answer: give the Hub's "
        "address.",
        epilog=f"{_EXIT_CODES} {_ENVIRONMENT}",
    )
    parser.add_argument(
        "--budget",
        metavar="N",
        type=positive(int),
        default=10_000,
        help="the most requests to make (default: %(default)s)",
    )
    _add_choice_of_models(parser)
    parser.add_argument(
        "--workers",
        metavar="N",
        type=positive(int),
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
        type=positive(int),
        help="the most models to ask about (default: as many as the budget allows)",
    )
    parser.add_argument(
        "--min-downloads",
        metavar="N",
        type=positive(int, or_zero=True),
        default=0,
        help="leave out models with fewer downloads in the last 30 days (default: %(default)s)",
    )
    parser.add_argument(
        "--retry-failed-after",
        dest="retry_failed_after_days",
        metavar="DAYS",
        type=positive(float, or_zero=True),
        default=30.0,
        help="ask again about a model whose question failed so long ago; 0: about each "
        "(default: %(default)g)",
    )


def _add_snapshots(commands: _Commands) -> None:
    parser = commands.add_parser(
        "snapshots",
        parents=[run_arguments()],
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
        type=day,
        help="remove the snapshot of that day from the warehouse; its pages stay where they are",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="drop it though its pages are gone, so that it can never be loaded again",
    )
