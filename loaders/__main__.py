"""``python -m loaders``."""

import signal
import sys

from loaders.cli import main
from loaders.terminal import guard_output

if __name__ == "__main__":
    # A scheduler that ends a run sends SIGTERM: take it as Ctrl-C, so that locks are released.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    guard_output()
    sys.exit(main())
