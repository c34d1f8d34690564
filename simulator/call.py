"""A request of the Hub, as it came in."""

from typing import NamedTuple
from urllib.parse import parse_qsl


class Call(NamedTuple):
    """A request of the API, or of the storage.

    Attributes:
        path: without the query.
        query_text: as it was sent.
        host: what the client calls the Hub.
        has_token: whether it came with one.
        range: its Range header.
        body: what was posted.
    """

    path: str
    query_text: str
    host: str
    has_token: bool
    range: str | None = None
    body: bytes = b""

    @property
    def query(self) -> list[tuple[str, str]]:
        """The parameters, in order."""
        return parse_qsl(self.query_text, keep_blank_values=True)
