"""The answers that a server gives, before they are sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.files import PartOfFile, StoredFile, requested_part


@dataclass
class Answer:
    """An HTTP answer: its status, its body and the headers that are its own."""

    status: int
    body: bytes | PartOfFile
    headers: dict[str, str] = field(default_factory=dict)


class RequestError(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None):
        super().__init__(message)
        self.answer = Answer(
            status,
            json.dumps({"error": message}).encode(),
            {"Content-Type": "application/json; charset=utf-8", **(headers or {})},
        )


def json_answer(body: bytes) -> Answer:
    """A body of JSON, with status 200."""
    return Answer(200, body, {"Content-Type": "application/json; charset=utf-8"})


def file_answer(file: StoredFile, asked: str | None) -> Answer:
    """A file, or the part of it that a Range header asks for.

    Raises:
        RequestError: there is no such part.
    """
    try:
        part = requested_part(asked, file.size)
    except ValueError as error:
        raise RequestError(416, str(error), {"Content-Range": f"bytes */{file.size}"}) from error
    headers = {"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes"}
    if part is None:
        return Answer(200, PartOfFile(file, range(file.size)), headers)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{file.size}"
    return Answer(206, PartOfFile(file, part), headers)


def redirect(status: int, location: str) -> Answer:
    """An answer that sends the client elsewhere."""
    return Answer(status, f"Redirecting to {location}".encode(), {"Location": location})


def next_link(host: str, target: str) -> str:
    """The Link header that names a path and query as the next page."""
    return f'<http://{host}{target}>; rel="next"'
