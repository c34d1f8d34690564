"""A local Hub in a process of its own, which does not take the loader's interpreter lock."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulator.listing import LocalHubError, RecordSource

_ROOT = Path(__file__).parents[1]
_SECONDS_TO_END = 5


@contextmanager
def serve(
    source: RecordSource,
    *,
    repositories: Path | None = None,
    port: int = 0,
    quota: int | None = None,
    resolver_quota: int | None = None,
    window_seconds: float = 300,
    page_cache: Path | None = None,
) -> Iterator[str]:
    """Serve a source for as long as the block runs; gives the endpoint's URL.

    The arguments are those of ``LocalHubServer``; ``repositories`` is a folder of folders
    ``{owner}/{name}``, each a dataset repository. The server's process ends with the block,
    and also when this process is killed: it holds the other end of a pipe, and watches it.

    Raises:
        LocalHubError: the source cannot be served.
    """
    options = ["--port", str(port), "--window", str(window_seconds), "--until-stdin-closes"]
    if repositories is not None:
        options += ["--repositories", str(repositories.resolve())]
    if quota is not None:
        options += ["--quota", str(quota)]
    if resolver_quota is not None:
        options += ["--resolver-quota", str(resolver_quota)]
    if page_cache is not None:
        options += ["--page-cache", str(page_cache.resolve())]
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", *source.arguments(), *options],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        # The first line comes when the server answers: its address, or why there is none.
        first_line = process.stdout.readline().strip()
        if not first_line.startswith("http://"):
            raise LocalHubError(first_line or "The local Hub ended before it could answer.")
        yield first_line
    finally:
        process.stdin.close()
        try:
            process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
