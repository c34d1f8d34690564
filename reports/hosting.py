"""The place of a site: a folder, or a bucket that a host serves."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import fsspec
from fsspec import AbstractFileSystem

from reports.errors import ReportError
from reports.site import RELEASES, add_release


def publish(report: Path, place: str, address: str) -> list[str]:
    """Add a report to the site at a place, a folder or an address such as gs://bucket/site.

    Returns:
        The names of the folders that it is in.

    Raises:
        ReportError: there is no report, or the place cannot be read or written.
    """
    now = datetime.now(UTC)
    if "://" not in place:
        return add_release(report, Path(place), address, now)
    with TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        site.mkdir()
        try:
            fs, root = fsspec.core.url_to_fs(place)
            # What is known of earlier releases is in the list; their folders stay as they are.
            if fs.exists(f"{root}/{RELEASES}"):
                fs.get_file(f"{root}/{RELEASES}", str(site / RELEASES))
            folders = add_release(report, site, address, now)
            _put(fs, site, root, folders)
        except ReportError:
            raise
        except Exception as error:  # each kind of bucket has errors of its own
            raise ReportError(
                f"The site {place} cannot be read or written: {error}. Give the right to, or name "
                "another place with --output; then run it again."
            ) from error
        return folders


def _put(fs: AbstractFileSystem, site: Path, root: str, folders: list[str]) -> None:
    """Copy a release, then what leads to it; remove what an earlier version of it had more."""
    for folder in folders:
        for path in _files(site / folder):
            fs.put_file(str(path), f"{root}/{path.relative_to(site).as_posix()}")
    for path in sorted(site.iterdir()):
        if path.is_file():
            fs.put_file(str(path), f"{root}/{path.name}")
    for folder in folders:
        here = {path.relative_to(site).as_posix() for path in _files(site / folder)}
        for there in fs.find(f"{root}/{folder}"):
            if there.removeprefix(root).lstrip("/") not in here:
                fs.rm_file(there)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
