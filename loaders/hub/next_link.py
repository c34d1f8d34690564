"""The link from a page of a listing to the next one, and a check of where it leads.

The Hub names the next page in a ``Link`` header (RFC 8288), with a cursor that says beyond which
``_id`` it begins: base64 of ``{"_id":{"$gt":"6a0e3141…"}}``. No page says how many there are, so a
link that is misread, or a cursor that is wrong, would end or thin out a listing unseen.
"""

import base64
import binascii
import json
import re
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode, urlsplit

# One may have no value, such as the crossorigin of a preload.
_PARAMETER = r"""\s*;\s*([^\s=;,"<>]++)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*+)"|([^\s;,"<>]++)))?"""
_link = re.compile(rf"\s*<([^<>\s]*)>((?:{_PARAMETER})*+)\s*(?:,|$)").match
_parameters = re.compile(_PARAMETER).findall
# Links that a server or a proxy may add to any page, the last one included.
_OTHER_RELATIONS = {
    *("first", "prev", "previous", "last", "self", "start", "up", "canonical", "alternate"),
    *("describedby", "dns-prefetch", "preconnect", "prefetch", "preload", "icon", "stylesheet"),
}


class CursorState(StrEnum):
    """The outcome of checking the cursor of a link."""

    NONE = ""  # there is no next page, or an older version did not look
    CHECKED = "checked"  # it goes on from the last record
    DIFFERS = "differs"  # it goes on from elsewhere; the lower of both was taken
    OPAQUE = "opaque"  # it has another form than the Hub's, and was taken as it is


def next_url(header: str | None) -> str | None:
    """Read the URL of the next page from a ``Link`` header; None where there is no next page.

    Raises:
        ValueError: it cannot be read, so that nobody knows whether there is one.
    """
    if header is None:
        return None
    urls, position = set(), 0
    while not position or position < len(header):
        link = _link(header, position)
        if link is None:
            raise ValueError("its Link header cannot be read")
        relations = {
            relation
            for name, quoted, plain in _parameters(link[2])
            if name.lower() == "rel"
            for relation in (quoted or plain).lower().split()
        }
        if "next" in relations:
            urls.add(link[1])
        elif not relations or relations - _OTHER_RELATIONS:
            raise ValueError("its Link header names no relation that is known")
        position = link.end()
    if len(urls) > 1 or "" in urls:
        raise ValueError("its Link header does not name one next page")
    return urls.pop() if urls else None


def without_a_gap(path: str, last_id: str) -> tuple[str, CursorState]:
    """Give the path of a next page that can skip no record, and the state of its cursor.

    Of two places to go on from, the lower one may give records again, which are counted and
    loaded once; the higher one may lose some.

    Args:
        path: path and query of the next page, as the link has it.
        last_id: the ``_id`` of the last record on this page that can be read.

    Raises:
        ValueError: the next page lies before this one.
    """
    url = urlsplit(path)
    query = parse_qsl(url.query, keep_blank_values=True)
    cursors = [value for name, value in query if name == "cursor"]
    content = _decoded(cursors[0]) if len(cursors) == 1 else None
    match content:
        case {"_id": {"$lt": str()}} | {"_id": {"$lte": str()}}:
            raise ValueError("its cursor goes backwards")
        case {"_id": {"$gt": str(key), **others}, **more} if not others and not more:
            if key == last_id:
                return path, CursorState.CHECKED
            if key < last_id:
                return path, CursorState.DIFFERS
        case {"_id": {"$gte": key}} if key == last_id:
            return path, CursorState.CHECKED
        case _:
            return path, CursorState.OPAQUE
    text = json.dumps({"_id": {"$gt": last_id}}, separators=(",", ":"))
    cursor = base64.b64encode(text.encode()).decode()
    query = [(name, cursor if name == "cursor" else value) for name, value in query]
    return f"{url.path}?{urlencode(query)}", CursorState.DIFFERS


def _decoded(cursor: str) -> object:
    """Decode a cursor; None where it is no base64 of JSON."""
    text = cursor.replace("-", "+").replace("_", "/")
    try:
        return json.loads(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
