"""A fault: what goes wrong with one answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simulator.answers import Answer, next_link


@dataclass(frozen=True)
class Fault:
    """A fault of one answer: each field replaces a part of what would be sent.

    Attributes:
        status: the status; the true answer is then not computed.
        headers: headers to set, or with None to leave out.
        body: the body.
        edit: makes the body that is sent out of the one that would be and the Link header.
        length_error: bytes that Content-Length promises too many or, below 0, too few.
        edit_range: makes the Range header that is answered out of the one that was sent.
        edit_link: makes the Link header that is sent out of the one that would be, if one would.
        next_target: path and query that the answer names as its next page. The request's own
            makes a repeated cursor; the first page's, on the last page, an endless listing.
        keep_bytes: only so much of the body is sent before the connection ends, although
            Content-Length promises all of it.
        stall_seconds: how long nothing is sent.
        is_reset: the connection is reset: instead of an answer, or after ``keep_bytes``.
        seconds_a_byte: how long each byte of the body takes.
    """

    status: int | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: bytes | None = None
    edit: Callable[[bytes, str | None], bytes] | None = None
    edit_range: Callable[[str | None], str | None] | None = None
    edit_link: Callable[[str], str] | None = None
    length_error: int = 0
    next_target: str | None = None
    keep_bytes: int | None = None
    stall_seconds: float = 0.0
    is_reset: bool = False
    seconds_a_byte: float = 0.0

    def change(self, answer: Answer, host: str) -> None:
        """Change the headers and the body of an answer of ``host`` in place."""
        if self.next_target is not None:
            answer.headers["Link"] = next_link(host, self.next_target)
        if self.edit_link is not None and "Link" in answer.headers:
            answer.headers["Link"] = self.edit_link(answer.headers["Link"])
        if self.body is not None:
            answer.body = self.body
        if self.edit is not None:
            answer.body = self.edit(bytes(answer.body), answer.headers.get("Link"))
        merged = {**answer.headers, **self.headers}
        answer.headers = {name: value for name, value in merged.items() if value is not None}
