"""Parts of the command lines that build with dbt: the option ``--vars``, lines of progress."""

import argparse
import sys
from typing import Any

import yaml


def say(line: str) -> None:
    """Print a line of progress to standard error, at once."""
    print(line, file=sys.stderr, flush=True)


def add_vars(parser: argparse.ArgumentParser, help: str) -> None:
    """Add ``--vars``, read as dbt reads its own."""
    parser.add_argument("--vars", type=_vars, default={}, metavar="YAML", help=help)


def _vars(given: str) -> dict[str, Any]:
    settings = yaml.safe_load(given)
    if not isinstance(settings, dict):
        raise ValueError(given)
    return settings
