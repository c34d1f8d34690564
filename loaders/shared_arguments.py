"""Arguments that several commands of ``python -m loaders`` share, and the types of arguments."""

import argparse
import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from loaders.warehouse.destinations import DESTINATIONS

_Number = TypeVar("_Number", int, float)


def run_arguments() -> argparse.ArgumentParser:
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
        type=positive(float, or_zero=True),
        default=0.0,
        help="how long to wait while another run works on the same Hub in the same landing zone "
        "(default: %(default)g, refuse at once)",
    )
    return parser


def hub_arguments() -> argparse.ArgumentParser:
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
        type=positive(float),
        default=60.0,
        help="how long to wait for an answer of the Hub (default: %(default)g)",
    )
    parser.add_argument(
        "--retries",
        metavar="N",
        type=positive(int, or_zero=True),
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
            f"--sample-{name}", metavar="N", type=positive(int, or_zero=True), help=help
        )


def day(text: str) -> date:
    """Read a day, such as 2026-10-31."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-10-31") from error


def _share(text: str) -> float:
    share = positive(float)(text)
    if share > 1:
        raise argparse.ArgumentTypeError(f"{text} is more than the whole quota, 1")
    return share


def positive(
    number: Callable[[str], _Number], *, or_zero: bool = False
) -> Callable[[str], _Number]:
    """Make the type of numbers above zero, or from zero on."""

    def convert(text: str) -> _Number:
        try:
            value = number(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} is no number") from error
        if not (value > 0 or (or_zero and value == 0)):
            raise argparse.ArgumentTypeError(f"{text} is too small")
        return value

    return convert
