"""Folders and buckets: opening, reading, and errors in one line."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import fsspec
from fsspec import AbstractFileSystem

from loaders import google_cloud
from loaders.errors import LoaderError

_MAX_QUOTED = 300  # characters of what a bucket says


def open_folder(
    root: str, folder: str, *, make: bool = True
) -> tuple[AbstractFileSystem, str, set[str]]:
    """Open a folder of the landing zone.

    Args:
        root: of the landing zone: a folder or any URL that fsspec knows.
        folder: below the root; empty for the root itself.
        make: make the folder if need be; else one that is not there is empty.

    Returns:
        Its file system, its path there, and the names in it.

    Raises:
        LoaderError: the landing zone cannot be read or written.
    """
    with wrap_root_errors(root):
        fs, path = resolve(root, folder)
        if make:
            fs.makedirs(path, exist_ok=True)
        elif not fs.isdir(path):
            return fs, path, set()
        return fs, path, names_in(fs, path)


def resolve(root: str, folder: str) -> tuple[AbstractFileSystem, str]:
    """Tell the file system of the root, and the path of a folder there, without a look at it."""
    fs, path = fsspec.core.url_to_fs(root)
    return fs, f"{path.rstrip('/')}/{folder}".rstrip("/")


def names_in(fs: AbstractFileSystem, folder: str) -> set[str]:
    """List the names in a folder: none in one that is not there, as a bucket has no empty one."""
    try:
        return {path.rsplit("/", 1)[-1] for path in fs.ls(folder, detail=False)}
    except FileNotFoundError:
        return set()


def read_file(fs: AbstractFileSystem, path: str) -> bytes:
    """Read a file whole.

    Raises:
        FileNotFoundError: it is not there.
        LoaderError: it cannot be read.
    """
    with wrap_storage_errors(
        f"{path} cannot be read",
        "Give the right to read, or wait until it is back; then run the same command again.",
        FileNotFoundError,
    ):
        content: bytes = fs.cat_file(path)
        return content


@contextmanager
def wrap_storage_errors(problem: str, advice: str, *expected: type[Exception]) -> Iterator[None]:
    """Raise whatever goes wrong in a folder or bucket as one line with advice.

    Each kind of bucket has errors of its own, and not all are an OSError: gcsfs raises those of
    google.auth, requests, aiohttp and asyncio, too. Some say nothing, others quote a whole page.

    Args:
        problem: what could not be done, and where.
        advice: what to do, where the error does not tell better.
        expected: errors that pass as they are.

    Raises:
        LoaderError: instead of any error but the expected ones.
    """
    unchanged: tuple[type[Exception], ...] = (LoaderError, *expected)
    try:
        yield
    except unchanged:
        raise
    except Exception as error:
        if explained := google_cloud.explanation(error):
            raise LoaderError(f"{problem}: {explained}") from error
        said = " ".join(str(error).split())[:_MAX_QUOTED].rstrip(".") or type(error).__name__
        raise LoaderError(f"{problem}: {said}. {advice}") from error


def wrap_root_errors(root: str) -> AbstractContextManager[None]:
    """Raise whatever goes wrong where the landing zone itself is looked up."""
    return wrap_storage_errors(
        f"The landing zone {root} cannot be used",
        "Set HUB_LANDING to a folder or bucket that can be written; if it is out of reach for a "
        "while, run the same command again.",
    )
