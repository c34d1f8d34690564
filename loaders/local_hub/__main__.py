"""Serve a local Hub from the command line."""

import argparse
import signal
import sys
import threading
from datetime import date
from pathlib import Path

from loaders.local_hub.faults import LASTING, ChangingHub, LastingFault, RandomFaults
from loaders.local_hub.listing import LocalHubError, Source
from loaders.local_hub.record_folder import RecordFolder
from loaders.local_hub.server import LocalHubServer
from loaders.local_hub.synthetic import (
    SAMPLE_DATASETS,
    SAMPLE_DATE,
    SAMPLE_MODELS,
    SAMPLE_SEED,
    SyntheticHub,
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loaders.local_hub",
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
    sample = parser.add_argument_group("the synthetic Hub")
    sample.add_argument(
        "--models",
        type=_count,
        default=SAMPLE_MODELS,
        metavar="N",
        help=f"models that it lists on {SAMPLE_DATE}; it grows by some 40 %% a year after "
        "(default: %(default)s)",
    )
    sample.add_argument(
        "--datasets",
        type=_count,
        default=SAMPLE_DATASETS,
        metavar="N",
        help=f"datasets that it lists on {SAMPLE_DATE} (default: %(default)s)",
    )
    sample.add_argument(
        "--seed",
        type=_count,
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
    server = parser.add_argument_group("the server")
    server.add_argument(
        "--port", type=_count, default=0, metavar="N", help="where it listens (default: a free one)"
    )
    server.add_argument(
        "--quota",
        type=_count,
        metavar="CALLS",
        help="API calls per window (default: no rate limit)",
    )
    server.add_argument(
        "--resolver-quota",
        type=_count,
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
    faults = parser.add_argument_group("a Hub on a bad day")
    faults.add_argument(
        "--faults",
        type=_count,
        metavar="SEED",
        help="let answers go wrong, each in a way that is gone when it is asked for again, and the "
        "repositories change while they are listed (default: nothing goes wrong)",
    )
    faults.add_argument(
        "--fault-rate",
        type=_part,
        default=0.2,
        metavar="R",
        help="the part of the answers that --faults lets go wrong (default: %(default)s)",
    )
    faults.add_argument(
        "--broken",
        choices=LASTING,
        help="let every listing be broken for good (default: none)",
    )
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0")
    return int(text)


def _part(text: str) -> float:
    try:
        part = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from error
    if not 0 <= part < 1:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to below 1")
    return part


def _source(options: argparse.Namespace) -> Source:
    if options.hub != "sample":
        return RecordFolder(Path(options.hub))
    return SyntheticHub(
        models=options.models,
        datasets=options.datasets,
        seed=options.seed,
        as_of=options.as_of,
    )


def main() -> int:
    options = _parser().parse_args()
    if options.until_stdin_closes:
        # Ctrl-C reaches the whole group; the process that started this one decides.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    faults = {}
    if options.broken:
        faults["fault"] = LastingFault(options.broken)
    elif options.faults is not None:
        faults["fault"] = RandomFaults(options.faults, options.fault_rate)
    try:
        source = _source(options)
        if options.faults is not None:
            source = ChangingHub(source, options.faults)
        server = LocalHubServer(
            source,
            port=options.port,
            quota=options.quota,
            resolver_quota=options.resolver_quota,
            window_seconds=options.window,
            page_cache=options.page_cache,
            **faults,
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
    sys.exit(main())
