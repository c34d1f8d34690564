"""Faults of the files of a Hub that pass: links that run out, parts that are another part."""

import re
from collections.abc import Callable
from random import Random

from simulator.fault import Fault


def _moved(random: Random) -> Callable[[str | None], str | None]:
    """Make an edit that lets a part be of another place in the file."""
    bytes_off = random.randint(1, 500)

    def move(asked: str | None) -> str | None:
        ends = re.fullmatch("bytes=([0-9]+)-([0-9]+)", asked or "")
        if ends is None:
            return asked
        start, last = (max(int(end) - bytes_off, 0) for end in ends.groups())
        return f"bytes={start}-{last}"

    return move


def _cut(random: Random) -> Fault:
    part = random.random()
    return Fault(edit=lambda body, link: body[: int(len(body) * part)])


FILE_FAULTS: dict[str, Callable[[Random], Fault]] = {
    "403 of a link that ran out": lambda random: Fault(status=403),
    "416": lambda random: Fault(status=416),
    "file: the whole for a part": lambda random: Fault(edit_range=lambda asked: None),
    "file: another part": lambda random: Fault(edit_range=_moved(random)),
    "file: a shorter part": _cut,
    "file: a longer part": lambda random: Fault(
        edit=lambda body, link: body + random.randbytes(random.randint(1, 500))
    ),
}
