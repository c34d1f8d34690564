"""The command: ``python -m tools.sensitivity``."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from loaders.errors import LoaderError
from loaders.terminal import one_line
from tools.command_line import add_vars, say
from tools.dbt import DbtError
from tools.sensitivity.choices import SensitivityError
from tools.sensitivity.measure import measure
from tools.sensitivity.table import as_json, table


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; give 1 with the reason on standard error, 130 when stopped."""
    options = _parser().parse_args(arguments)
    try:
        found = measure(options.database, settings=options.vars, say=say)
        if options.json:
            options.json.write_text(json.dumps(as_json(found), indent=2) + "\n", encoding="utf-8")
    except (DbtError, SensitivityError, LoaderError, OSError) as error:
        print(f"error: {one_line(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the database is as it was", file=sys.stderr)
        return 130
    print(table(found))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.sensitivity",
        description="Print how far each choice of the method moves the newest headlines of a built "
        "DuckDB database: of the newest complete month that is published, as it is and as it would "
        "be. Each choice is built with dbt in a copy; the database itself is only read.",
        epilog="Exit codes: 0 printed; 1 not, for the reason on standard error; 130 stopped.",
    )
    parser.add_argument(
        "--database",
        type=Path,
        default=Path(os.environ.get("HUB_DUCKDB_PATH") or "data/hub.duckdb"),
        metavar="FILE",
        help="a built database (default: HUB_DUCKDB_PATH, else data/hub.duckdb)",
    )
    add_vars(
        parser,
        "the vars that it was built with, where dbt build was given --vars",
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the figures there, too, unrounded"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
