"""A Hub on a bad day.

``RandomFaults`` lets answers go wrong in ways that pass: who asks again is answered rightly, so
that a loader must lose nothing to them. ``LastingFault`` breaks a listing for good, so that a
loader must refuse it.
"""

import argparse
import base64
import gzip
import json
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from simulator.__main__ import count, serve_until_told
from simulator.__main__ import parser as options_of_a_hub
from simulator.fault import Fault
from tests.changing_hub import ChangingHub
from tests.faulty_files import FILE_FAULTS

_HTML = b"<html><head><title>Hugging Face</title></head><body>Back soon</body></html>"
_ERROR = b'{"error":"Internal Error"}'
_RATE_LIMITED = b"We had to rate limit your IP"
_LISTINGS = ("/api/models?", "/api/datasets?")  # the rest is not remembered
_GZIP = {"Content-Encoding": "gzip"}


class _Asked(NamedTuple):
    """One request, and chance for what goes wrong with the answer."""

    random: Random
    target: str
    first_target: str  # of the first page
    page_before: bytes
    stall_seconds: float


def _quote_lost(asked: _Asked) -> Fault:
    def edit(body: bytes, link: str | None) -> bytes:
        at = body.index(b'"', asked.random.randrange(len(body) // 2))
        return body[:at] + body[at + 1 :]

    return Fault(edit=edit)


def _letter_spoilt(asked: _Asked) -> Fault:
    def edit(body: bytes, link: str | None) -> bytes:
        at = body.index(b'"id":"', asked.random.randrange(len(body) // 2)) + len(b'"id":"')
        return body[:at] + b"\xff" + body[at + 1 :]

    return Fault(edit=edit)


def _ids_lost(asked: _Asked) -> Fault:
    records = asked.random.randint(1, 5)
    return Fault(edit=lambda body, link: body.replace(b'"_id"', b'"-id"', records))


def _rows_lost(asked: _Asked) -> Fault:
    def edit(body: bytes, link: str | None) -> bytes:
        if link is None:  # a shorter last page is a last page: nobody could tell
            return body
        rows = json.loads(body)
        return json.dumps(rows[: asked.random.randrange(len(rows))]).encode()

    return Fault(edit=edit)


def _gzip_damaged(asked: _Asked) -> Fault:
    def edit(body: bytes, link: str | None) -> bytes:
        damaged = bytearray(gzip.compress(body, mtime=0))
        damaged[asked.random.randrange(10, len(damaged) - 4)] ^= 1 << asked.random.randrange(8)
        return bytes(damaged)

    return Fault(headers=_GZIP, edit=edit)


def _gzip_cut(asked: _Asked) -> Fault:
    def edit(body: bytes, link: str | None) -> bytes:
        whole = gzip.compress(body, mtime=0)
        return whole[: asked.random.randrange(20, len(whole) - 8)]

    return Fault(headers=_GZIP, edit=edit)


def _cursor_moved(seconds: int) -> Callable[[str], str]:
    """Make an edit that lets a link begin so much later in the order of creation, or earlier."""

    def move(link: str) -> str:
        def moved(cursor: re.Match[str]) -> str:
            content = json.loads(base64.b64decode(unquote(cursor[1])))
            key = content["_id"].pop("$gt")
            content["_id"]["$gt"] = f"{int(key[:8], 16) + seconds:08x}{key[8:]}"
            return "cursor=" + quote(base64.b64encode(json.dumps(content).encode()).decode())

        return re.sub("cursor=([^&>]+)", moved, link)

    return move


def _cursor_turned(link: str) -> str:
    """The same cursor, of the other direction."""

    def turned(cursor: re.Match[str]) -> str:
        content = base64.b64decode(unquote(cursor[1])).replace(b"$gt", b"$lt")
        return "cursor=" + quote(base64.b64encode(content).decode())

    return re.sub("cursor=([^&>]+)", turned, link)


_MONTH = 30 * 86_400


def _no_brackets(link: str) -> str:
    return link.replace("<", "").replace(">", "")


_TRANSIENT: dict[str, Callable[[_Asked], Fault]] = {
    "429 without headers": lambda a: Fault(status=429, body=_RATE_LIMITED),
    "429 with RateLimit": lambda a: Fault(status=429, headers={"RateLimit": '"api";r=0;t=0'}),
    "429 with Retry-After": lambda a: Fault(status=429, headers={"Retry-After": "0"}),
    "500": lambda a: Fault(status=500, body=_ERROR),
    "502": lambda a: Fault(status=502, body=_HTML),
    "503": lambda a: Fault(status=503),
    "504": lambda a: Fault(status=504, body=_HTML),
    "reset before the answer": lambda a: Fault(is_reset=True),
    "reset within the body": lambda a: Fault(is_reset=True, keep_bytes=a.random.randrange(1, 500)),
    "stall beyond the timeout": lambda a: Fault(stall_seconds=a.stall_seconds),
    "stall within the timeout": lambda a: Fault(stall_seconds=a.stall_seconds / 20),
    "truncated body": lambda a: Fault(keep_bytes=a.random.randrange(500)),
    "Content-Length too long": lambda a: Fault(length_error=a.random.randrange(1, 500)),
    "Content-Length too short": lambda a: Fault(length_error=-a.random.randrange(1, 500)),
    "gzip announced, not sent": lambda a: Fault(headers=_GZIP),
    "gzip damaged": _gzip_damaged,
    "gzip cut short": _gzip_cut,
    "corrupted: no JSON": _quote_lost,
    "corrupted: no UTF-8": _letter_spoilt,
    "corrupted: records without _id": _ids_lost,
    "corrupted: an object": lambda a: Fault(body=_ERROR),
    "corrupted: a list of something else": lambda a: Fault(body=b"[%b]" % _ERROR),
    "rows missing": _rows_lost,
    "empty page": lambda a: Fault(body=b"[]", headers={"Link": None}),
    "HTML with status 200": lambda a: Fault(body=_HTML, headers={"Link": None}),
    "page before": lambda a: Fault(body=a.page_before),
    "page before, with its link": lambda a: Fault(body=a.page_before, next_target=a.target),
    "cursor that loops": lambda a: Fault(next_target=a.first_target),
    "no next link": lambda a: Fault(headers={"Link": None}),
    "empty page, with its link": lambda a: Fault(body=b"[]"),
    "Link that cannot be read": lambda a: Fault(edit_link=_no_brackets),
    "Link of an unknown relation": lambda a: Fault(edit_link=lambda link: link[:-1] + 'n"'),
    "Link that is cut short": lambda a: Fault(edit_link=lambda link: link[: len(link) // 2]),
    "cursor that skips": lambda a: Fault(edit_link=_cursor_moved(a.random.randint(1, 12) * _MONTH)),
    "cursor that repeats": lambda a: Fault(
        edit_link=_cursor_moved(-a.random.randint(1, 12) * _MONTH)
    ),
    "cursor that goes backwards": lambda a: Fault(edit_link=_cursor_turned),
    "Date that jumps": lambda a: Fault(
        headers={"Date": f"Fri, 01 Jan {a.random.choice([1970, 2100])} 00:00:00 GMT"}
    ),
    "RateLimit that jumps": lambda a: Fault(headers={"RateLimit": '"api";r=1000000;t=4000000000'}),
}
TRANSIENT = tuple(_TRANSIENT)


def _of_files(make: Callable[[Random], Fault]) -> Callable[[_Asked], Fault]:
    return lambda asked: make(asked.random)


_KINDS = {**_TRANSIENT, **{kind: _of_files(make) for kind, make in FILE_FAULTS.items()}}
# Those that can happen to dataset repositories and their files.
FILES = (*TRANSIENT[: TRANSIENT.index("gzip announced, not sent")], *FILE_FAULTS)


def _half(body: bytes, link: str | None) -> bytes:
    rows = json.loads(body)
    return json.dumps(rows[: len(rows) // 2]).encode()


_LASTING: dict[str, Callable[[_Asked], Fault]] = {
    "circles": lambda a: Fault(next_target=a.first_target),
    "same page": lambda a: Fault(body=a.page_before or None),
    "shrunk": lambda a: Fault(edit=_half, headers={"Link": None}),
    "no page with a link": lambda a: Fault(body=b"[]"),
    "Link that cannot be read": lambda a: Fault(edit_link=_no_brackets),
    "cursor that goes backwards": lambda a: Fault(edit_link=_cursor_turned),
    "HTML": lambda a: Fault(body=_HTML),
    "down": lambda a: Fault(status=503),
}
LASTING = tuple(_LASTING)


class _Faults:
    """Knows what a target is and what the pages were that were sent as they are."""

    def __init__(self) -> None:
        self._first_targets: dict[str, str] = {}  # by path, as is
        self._latest: dict[str, bytes] = {}  # the last page
        self._before: dict[str, bytes] = {}  # by target, the page before
        self._lock = threading.Lock()

    def _asked(self, target: str, random: Random, stall_seconds: float) -> _Asked:
        path = urlsplit(target).path
        return _Asked(
            random,
            target,
            self._first_targets.setdefault(path, target),
            self._before.setdefault(target, self._latest.get(path, b"")),
            stall_seconds,
        )

    def _no_fault(self, target: str) -> Fault:
        def remember(body: bytes, link: str | None) -> bytes:
            self._latest[urlsplit(target).path] = body
            return body

        return Fault(edit=remember)


class RandomFaults(_Faults):
    """Faults that pass, for ``LocalHubServer(fault=…)``.

    The same seed gives the same faults, in whatever order and by however many crawls the pages
    are asked for. No page goes wrong in the same way twice running.

    Args:
        seed: another seed, other faults.
        rate: the part of the answers that go wrong, from 0 to below 1.
        stall_seconds: of a stall that no client waits for; the shorter stall has a twentieth.
        kinds: those of ``TRANSIENT`` or, where files are read, of ``FILES`` that may happen.

    Attributes:
        injected: what happened so far: the target, and which kind.
    """

    def __init__(
        self,
        seed: int,
        rate: float,
        *,
        stall_seconds: float = 90.0,
        kinds: Sequence[str] = TRANSIENT,
    ) -> None:
        super().__init__()
        self.injected: list[tuple[str, str]] = []
        self._seed = seed
        self._rate = rate
        self._stall_seconds = stall_seconds
        self._kinds = kinds
        self._times: Counter[str] = Counter()  # that a target was asked for
        self._last: dict[str, str | None] = {}  # what went wrong with a target then

    def __call__(self, number: int, target: str) -> Fault:
        """The fault of the answer, which may be nothing."""
        with self._lock:
            self._times[target] += 1
            random = Random(f"{self._seed} {target} {self._times[target]}")
            asked = self._asked(target, random, self._stall_seconds)
            possible = [
                kind
                for kind in self._kinds
                if kind != self._last.get(target)
                and (asked.page_before or not kind.startswith("page before"))
            ]
            happens = possible and random.random() < self._rate
            kind = self._last[target] = random.choice(possible) if happens else None
            if kind is None:
                return self._no_fault(target) if target.startswith(_LISTINGS) else Fault()
            self.injected.append((target, kind))
        return _KINDS[kind](asked)


class LastingFault(_Faults):
    """A listing that is broken for good, in one of the ways of ``LASTING``."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind

    def __call__(self, number: int, target: str) -> Fault:
        with self._lock:
            fault = _LASTING[self._kind](self._asked(target, Random(0), 0.0))
        return self._no_fault(target) if fault == Fault() else fault


def _part(text: str) -> float:
    try:
        part = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from error
    if not 0 <= part < 1:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to below 1")
    return part


def main() -> int:
    """Serve a Hub on a bad day; gives the exit code."""
    parser = options_of_a_hub("tests.faulty_hub")
    faults = parser.add_argument_group("a Hub on a bad day")
    faults.add_argument(
        "--faults",
        type=count,
        metavar="SEED",
        help="let answers go wrong, each in a way that is gone when it is asked for again, and the "
        "repositories change while they are listed (default: nothing goes wrong)",
    )
    faults.add_argument(
        "--fault-rate",
        type=_part,
        default=0.2,
        metavar="R",
        help="the part of the answers that --faults lets go wrong (default: %(default)s)",
    )
    faults.add_argument(
        "--broken",
        choices=LASTING,
        help="let every listing be broken for good (default: none)",
    )
    options = parser.parse_args()
    if options.broken:
        return serve_until_told(options, fault=LastingFault(options.broken))
    if options.faults is None:
        return serve_until_told(options)
    return serve_until_told(
        options,
        fault=RandomFaults(options.faults, options.fault_rate),
        change=lambda source: ChangingHub(source, options.faults),
    )


if __name__ == "__main__":
    sys.exit(main())
