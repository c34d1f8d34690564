"""Requests to a local Hub, as any client makes them."""

import base64
import json
import sys
import urllib.error
import urllib.request
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from simulator import SyntheticHub

ROOT = Path(__file__).parents[2]
KINDS = ("models", "datasets")


def plain(n: int) -> bytes:
    return b'{"_id":"%024x","id":"org/m%d","likes":%d,"tags":[]}' % (n, n, n)


def get(
    url: str, headers: dict[str, str] | None = None, follow: bool = True
) -> tuple[HTTPResponse, bytes]:
    """One request; an error status is an answer like any other."""
    openers = [] if follow else [_NoRedirect]
    request = urllib.request.Request(url, headers=headers or {})
    try:
        with urllib.request.build_opener(*openers).open(request, timeout=30) as response:
            return response, response.read()
    except urllib.error.HTTPError as response:
        return response, response.read()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


def next_url(response: HTTPResponse) -> str | None:
    link = response.headers["Link"]
    if link is None:
        return None
    assert link.endswith('>; rel="next"')
    return link[1 : link.index(">")]


def walk(url: str) -> list[msgspec.Raw]:
    """All records from a page on, as received."""
    records = []
    while url:
        response, body = get(url)
        assert response.status == 200, body
        records += msgspec.json.decode(body, type=list[msgspec.Raw])
        url = next_url(response)
    return records


def cursor(content: Any) -> str:
    return urlencode({"cursor": base64.b64encode(json.dumps(content).encode()).decode()})


def command(*arguments: str, module: str = "simulator") -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def listed(hub: SyntheticHub, kind: str) -> list[dict[str, Any]]:
    """All records of a listing, ascending, as a client gets them."""
    listing = hub.open()[kind]
    records = [listing.record(at) for at in range(len(listing)) if listing.is_listed(at)]
    return msgspec.json.decode(msgspec.json.encode(records))
