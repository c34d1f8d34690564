"""The archives that ``--from`` can name: a dataset repository of the Hub, or a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loaders import clock
from loaders.archive.files import Archive, archive_key
from loaders.archive.folder_archive import FolderArchive
from loaders.archive.hub_archive import HubArchive
from loaders.archive.landed_archive import LandedArchive
from loaders.errors import LoaderError
from loaders.hub.repository import HubReader
from loaders.hub.session import hub_session
from loaders.settings import HistoryOptions
from loaders.sources import Source


def landing_key(source: Source, archive: Archive) -> str:
    """Name the folder of an archive in the landing zone."""
    return f"{source.landing_key}-archive-{archive.key}"


@contextmanager
def open_archive(options: HistoryOptions, source: Source) -> Iterator[Archive]:
    """Open the archive that ``--from`` names; it can be read for as long as the block runs.

    Raises:
        LoaderError: it names none, or one that cannot be read.
    """
    where = options.archive
    page = f"{source.name}/datasets/"  # a repository's page names it, too
    if where.startswith(page):
        where = f"hf://datasets/{where.removeprefix(page)}"
    is_address = "://" in where
    if options.offline:
        name = where.rstrip("/") if is_address else str(Path(where).resolve())
        key = archive_key(name, options.layout)
        folder = f"{source.landing_key}-archive-{key}"
        yield LandedArchive(options.run.landing_zone, folder, name, key)
        return
    if not is_address:
        if not Path(where).is_dir():
            raise LoaderError(
                f"--from {where} is no folder, and no dataset repository such as "
                "hf://datasets/OWNER/NAME."
            )
        yield FolderArchive(Path(where), options.layout, source.name)
        return
    requests = options.requests
    with (
        hub_session(quota_share=requests.quota_share, timeout=requests.timeout),
        source.endpoint(source.stated_date or clock.now().date()) as endpoint,
    ):
        hub = HubReader(
            endpoint,
            token=requests.token,
            token_over_http=requests.token_over_http,
            retries=requests.retries,
        )
        yield HubArchive(where.rstrip("/"), options.layout, hub)
