"""Rendered pages, kept in a folder for the next server of the same records."""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from simulator.listing import Listing, PageQuery, RecordSource, RenderedPage, render_page


class PageCache:
    """Renders pages, and keeps them in a folder where one was given.

    Attributes:
        listings: the listings of the source, by kind.

    Raises:
        LocalHubError: the source cannot be served.
    """

    def __init__(self, source: RecordSource, folder: Path | None) -> None:
        self.listings: Mapping[str, Listing] = source.open()
        self._folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._source = source.fingerprint()

    def render(self, kind: str, query: PageQuery) -> RenderedPage:
        """Give a page of a listing, from the folder where it is there."""
        if self._folder is None:
            return render_page(self.listings[kind], query)
        key = hashlib.sha256(json.dumps([self._source, kind, query]).encode()).hexdigest()
        file = self._folder / f"{key}.page"
        try:
            next_cursor, _, body = file.read_bytes().partition(b"\n")
            return RenderedPage(body, next_cursor.decode() or None)
        except FileNotFoundError:
            page = render_page(self.listings[kind], query)
        with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as unfinished:
            unfinished.write((page.next_cursor or "").encode() + b"\n" + page.body)
        os.replace(unfinished.name, file)
        return page
