"""Serve a local Hub from the command line."""

import argparse
import signal
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

from simulator.dataset_repository import read_repositories
from simulator.fault import Fault
from simulator.listing import LocalHubError, RecordSource
from simulator.record_folder import RecordFolder
from simulator.server import LocalHubServer
from simulator.synthetic.hub import (
    SAMPLE_DATASETS,
    SAMPLE_DATE,
    SAMPLE_MODELS,
    SAMPLE_SEED,
    SyntheticHub,
)


def parser(module: str = "simulator") -> argparse.ArgumentParser:
    """The options of a Hub on this machine, for ``python -m`` a module."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {module}",
        description="Serve a Hub on this machine that speaks the listing protocol of the Hugging "
        "Face Hub. The first line of output is its address; Ctrl-C ends it.",
    )
    parser.add_argument(
        "--hub",
        default="sample",
        metavar="sample|FOLDER",
        help="'sample', the synthetic Hub, or a folder with models.jsonl.gz and datasets.jsonl.gz "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--repositories",
        type=Path,
        metavar="FOLDER",
        help="serve each folder OWNER/NAME in it as a dataset repository: its files are one "
        "commit, or one each where it holds folders named by dates (default: none)",
    )
    _add_sample_options(parser.add_argument_group("the synthetic Hub"))
    _add_server_options(parser.add_argument_group("the server"))
    return parser


def _add_sample_options(sample: argparse._ArgumentGroup) -> None:
    sample.add_argument(
        "--models",
        type=count,
        default=SAMPLE_MODELS,
        metavar="N",
        help=f"models that it lists on {SAMPLE_DATE}; it grows by some 40%% a year after "
        "(default: %(default)s)",
    )
    sample.add_argument(
        "--datasets",
        type=count,
        default=SAMPLE_DATASETS,
        metavar="N",
        help=f"datasets that it lists on {SAMPLE_DATE} (default: %(default)s)",
    )
    sample.add_argument(
        "--seed",
        type=count,
        default=SAMPLE_SEED,
        metavar="N",
        help="another seed number makes another Hub (default: %(default)s)",
    )
    sample.add_argument(
        "--as-of",
        type=date.fromisoformat,
        default=SAMPLE_DATE,
        metavar="DATE",
        help="the day (UTC) at whose end the Hub is listed (default: %(default)s)",
    )


def _add_server_options(server: argparse._ArgumentGroup) -> None:
    server.add_argument(
        "--port", type=count, default=0, metavar="N", help="where it listens (default: a free one)"
    )
    server.add_argument(
        "--quota",
        type=count,
        metavar="CALLS",
        help="API calls per window (default: no rate limit)",
    )
    server.add_argument(
        "--resolver-quota",
        type=count,
        metavar="CALLS",
        help="requests of files per window (default: no rate limit)",
    )
    server.add_argument(
        "--window",
        type=float,
        default=300,
        metavar="SECONDS",
        help="length of a quota window (default: %(default)s)",
    )
    server.add_argument(
        "--page-cache",
        type=Path,
        metavar="FOLDER",
        help="keep rendered pages here; they are then served without being rendered again "
        "(default: keep none)",
    )
    server.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="end when standard input ends, so that no server outlives who started it",
    )


def count(text: str) -> int:
    """A whole number from 0, as an option gives it. Raises argparse.ArgumentTypeError."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0")
    return int(text)


def _source(options: argparse.Namespace) -> RecordSource:
    if options.hub != "sample":
        return RecordFolder(Path(options.hub))
    return SyntheticHub(
        models=options.models,
        datasets=options.datasets,
        seed=options.seed,
        as_of=options.as_of,
    )


def serve_until_told(
    options: argparse.Namespace,
    *,
    fault: Callable[[int, str], Fault | None] = lambda number, target: None,
    change: Callable[[RecordSource], RecordSource] = lambda source: source,
) -> int:
    """Serve the Hub that the options name until Ctrl-C, or until standard input ends.

    Args:
        options: as ``parser`` reads them.
        fault: as ``LocalHubServer`` takes it.
        change: gives what is served in the place of the source.

    Returns:
        The exit code: 1 where the Hub cannot be served.
    """
    if options.until_stdin_closes:
        # Ctrl-C reaches the whole group; the process that started this one decides.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        folder = options.repositories
        server = LocalHubServer(
            change(_source(options)),
            repositories=read_repositories(folder) if folder else None,
            port=options.port,
            quota=options.quota,
            resolver_quota=options.resolver_quota,
            window_seconds=options.window,
            page_cache=options.page_cache,
            fault=fault,
        )
    except (LocalHubError, OSError, OverflowError) as error:
        # Whoever holds the pipe reads the first line of the output.
        print(error, file=sys.stdout if options.until_stdin_closes else sys.stderr)
        return 1
    with server:
        print(server.endpoint, flush=True)
        try:
            if options.until_stdin_closes:
                sys.stdin.buffer.read()
            else:
                threading.Event().wait()
        except KeyboardInterrupt:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(serve_until_told(parser().parse_args()))
