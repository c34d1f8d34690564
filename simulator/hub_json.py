"""The ``hub.json`` of a folder of records, in which it describes itself; a stranger's, perhaps."""

from datetime import date
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from simulator.listing import LocalHubError

NAME = "hub.json"

# Nothing that says a source, a date and a licence is longer.
_MAX_BYTES = 20_000

# Without control characters, which act on a terminal or a page, and without line breaks.
_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
_Source = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=_LINE)]
_Line = Annotated[str, msgspec.Meta(max_length=500, pattern=_LINE)]


class FolderFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields of ``hub.json``.

    Attributes:
        source: the Hub that the records are of; folders of one source are months of one Hub.
        snapshot_date: the day (UTC) that the records were listed on; None where it is not said.
        is_complete: whether they are all that the Hub listed. A folder that does not say so is
            a part.
        obtained_from: where the records were got from, in words.
        licence: under which licence they are, in words.
    """

    source: _Source
    snapshot_date: date | None = None
    is_complete: bool = False
    obtained_from: _Line | None = None
    licence: _Line | None = None


def read_folder_facts(folder: Path) -> FolderFacts | None:
    """Read what a folder says of itself; None where it has no ``hub.json``.

    Raises:
        LocalHubError: the file cannot be read, is no JSON, or holds something else than it may.
    """
    path = folder / NAME
    if not path.exists() and not path.is_symlink():
        return None
    if not path.is_file():
        raise LocalHubError(f"{path} is no file. Remove it, or put a file of that name there.")
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise LocalHubError(f"{path} cannot be read: {error.strerror}.") from error
    if len(text) > _MAX_BYTES:
        raise _refused(path, f"it is longer than {_MAX_BYTES:,} bytes")
    try:
        facts = msgspec.json.decode(text, type=FolderFacts)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(path, str(error)) from error
    source = facts.source.strip().rstrip("/")
    if problem := _problem_of(source):
        raise _refused(path, problem)
    return msgspec.structs.replace(
        facts,
        source=source,
        obtained_from=(facts.obtained_from or "").strip() or None,
        licence=(facts.licence or "").strip() or None,
    )


def _problem_of(source: str) -> str:
    if not source:
        return "its source is empty"
    if source == "sample" or source.startswith("sample-"):
        return f"its source {source!r} is the name of the synthetic Hub"
    try:
        has_user = "://" in source and urlsplit(source).username is not None
    except ValueError:
        return f"its source {source!r} is no address"
    return "its source has a user name in it" if has_user else ""


def _refused(path: Path, problem: str) -> LocalHubError:
    # The problem can quote the file: what would act on a terminal is shown, and not sent.
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in problem)[:300]
    return LocalHubError(
        f"{path} is not valid: {shown}. It may hold "
        '{"source": "https://huggingface.co", "snapshot_date": "2026-05-20", "is_complete": false, '
        '"obtained_from": "…", "licence": "…"}; all but source may be left out.'
    )
