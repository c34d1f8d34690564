"""``python -m reports``."""

import signal
import sys

from loaders.terminal import guard_output
from reports.cli import main

if __name__ == "__main__":
    # A scheduler that ends a run sends SIGTERM: take it as Ctrl-C, so that dbt ends, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    guard_output()
    sys.exit(main())
