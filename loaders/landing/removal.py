"""Removal of a crawl, in such steps that a kill between two leaves nothing that looks like one."""

from datetime import date

from fsspec import AbstractFileSystem

from loaders.landing.storage import resolve, wrap_root_errors, wrap_storage_errors

# Written first: whatever else is in the folder counts no more.
MARK = "removed"


def remove_folder(fs: AbstractFileSystem, folder: str) -> None:
    """Remove a crawl and its folder.

    Raises:
        LoaderError: it cannot be removed.
    """
    with wrap_storage_errors(
        f"{folder} cannot be removed", "Give the right to do so, then run the same command again."
    ):
        fs.pipe_file(f"{folder}/{MARK}", b"")
        fs.invalidate_cache(folder)
        paths = fs.ls(folder, detail=False)
        if others := [path for path in paths if not path.endswith(f"/{MARK}")]:
            fs.rm(others)
        fs.rm(folder, recursive=True)


def is_marked(
    root: str, source_key: str, kind: str, snapshot_date: date
) -> tuple[AbstractFileSystem, str, bool]:
    """Tell where the folder of a crawl is, and whether its removal was begun.

    Returns:
        The file system, the folder's path there, and whether it is marked as removed.

    Raises:
        LoaderError: the landing zone cannot be read.
    """
    with wrap_root_errors(root):
        fs, folder = resolve(root, f"{source_key}/{kind}/{snapshot_date}")
        return fs, folder, fs.exists(f"{folder}/{MARK}")


def end_removal(root: str, source_key: str, kind: str, snapshot_date: date) -> bool:
    """Remove what is left of a crawl whose removal a kill cut short; gives whether it was so.

    Raises:
        LoaderError: the landing zone cannot be read or written.
    """
    fs, folder, is_removed = is_marked(root, source_key, kind, snapshot_date)
    if is_removed:
        remove_folder(fs, folder)
    return is_removed
