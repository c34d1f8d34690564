"""Text for a terminal or a log: what strangers wrote in it can be read, and does nothing."""

import logging
import sys
import unicodedata
from typing import Any, TextIO

# Controls, formats (those that turn the direction of writing among them), surrogates, separators
# of lines and paragraphs.
_ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def visible(text: str, *, allowed: str = "\n\t") -> str:
    r"""A text with an escape such as ``\u001b`` for each character that acts on those around it.

    Inside JSON the escape means the same character, so that JSON stays what it was.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if c in allowed or unicodedata.category(c) not in _ACTING else _escape(c) for c in text
    )


def one_line(text: str) -> str:
    """A text on a line of its own, so that no name in it can pass for a line of a log."""
    return visible(" ".join(line.strip() for line in text.splitlines() if line.strip()))


def guard_output() -> None:
    """Make all that this process prints visible, tracebacks included.

    A progress bar, which moves the cursor, goes to ``sys.__stderr__`` instead.
    """
    sys.stdout, sys.stderr = _Visible(sys.stdout), _Visible(sys.stderr)


def log_handler() -> logging.Handler:
    """Writes each message of a log to standard error, as one line with its time."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
    return handler


class _OneLine(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = one_line(record.message)
        return super().formatMessage(record)


class _Visible:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(visible(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _escape(character: str) -> str:
    """Escape a character as JSON does: twice beyond the first 65,536 characters."""
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
