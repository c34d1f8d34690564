"""The command line of the loaders: ``python -m loaders``."""

import logging
import os
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from loaders.archive.history import history
from loaders.arguments import command_line
from loaders.enrich.enrich import enrich
from loaders.errors import LoaderError
from loaders.load.load import load
from loaders.load.snapshots import snapshots
from loaders.settings import (
    EnrichOptions,
    HistoryOptions,
    LoadOptions,
    Options,
    RequestOptions,
    RunOptions,
    SnapshotsOptions,
    SourceOptions,
)
from loaders.summary import RunSummary
from loaders.terminal import log_handler, one_line

_T = TypeVar("_T")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code: 0, or 1 with the reason on standard error, or 130 when it was stopped. A
        wrong argument ends with exit code 2, as argparse has it.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    options = _options(vars(command_line().parse_args(arguments)))
    _set_up_logs()
    summary = RunSummary(
        command=_without_secrets(shlex.join(["python", "-m", "loaders", *arguments])),
        target=options.run.target,
        started_at=datetime.now(UTC),
    )
    code = 1
    try:
        _run(options, summary)
        sys.stdout.flush()
        code = 0
    except LoaderError as error:
        summary.error = _without_secrets(str(error))
        print(f"error: {one_line(summary.error)}", file=sys.stderr)
    except KeyboardInterrupt:
        summary.error = "stopped"
        print("stopped; run the same command again and it goes on", file=sys.stderr)
        code = 130
    except BrokenPipeError:  # whoever read what is printed has gone, such as head
        summary.error = "nobody reads what is printed any more"
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except BaseException as error:
        summary.error = _without_secrets(f"{type(error).__name__}: {error}")
        raise
    finally:
        if options.run.summary:
            _write(summary, options.run.summary, code)
    return code


def _options(given: dict[str, Any]) -> Options:
    """Make the options of a command of its arguments and of the environment."""
    values = {
        **given,
        "landing_zone": os.environ.get("HUB_LANDING", "data/landing"),
        "token": os.environ.get("HF_TOKEN"),
    }
    values["run"] = _select(RunOptions, values)
    if given["command"] == "snapshots":
        return _select(SnapshotsOptions, values)
    values["source"] = _select(SourceOptions, values)
    values["requests"] = _select(RequestOptions, values)
    if given["command"] == "load":
        return _select(LoadOptions, values)
    if given["command"] == "history":
        return _select(HistoryOptions, values)
    return _select(EnrichOptions, values)


def _select(kind: type[_T], values: dict[str, Any]) -> _T:
    """Make one of the dataclasses of settings.py of the values that go by its fields' names."""
    return kind(**{field.name: values[field.name] for field in fields(kind)})  # type: ignore[arg-type]


def _run(options: Options, summary: RunSummary) -> None:
    if isinstance(options, LoadOptions):
        load(options, summary)
    elif isinstance(options, HistoryOptions):
        history(options, summary)
    elif isinstance(options, EnrichOptions):
        enrich(options, summary)
    else:
        snapshots(options, summary)


def _set_up_logs() -> None:
    # Only the warnings of libraries: one line a request would drown ours.
    logging.basicConfig(level=logging.WARNING, handlers=[log_handler()])
    logging.getLogger("loaders").setLevel(logging.INFO)
    # gcsfs logs each failure with its traceback; what it raises is reported in one line.
    logging.getLogger("gcsfs").setLevel(logging.CRITICAL)
    # Google's clients log a line for each retry through urllib3.
    logging.getLogger("urllib3").setLevel(logging.ERROR)


def _without_secrets(text: str) -> str:
    """Cover the token, which a Hub's answer may quote, and passwords within addresses."""
    if token := os.environ.get("HF_TOKEN", "").strip():
        text = text.replace(token, "[the token]")
    return re.sub(r"://[^/\s]*@", "://[a password]@", text)


def _write(summary: RunSummary, path: Path, code: int) -> None:
    try:
        summary.write(path, code)
    except OSError as error:  # which says nothing about the run itself
        print(f"warning: the summary {path} cannot be written: {error}", file=sys.stderr)
