"""Identifiers of SDMX: of codes, of what is maintained, and of who maintains it."""

from urllib.parse import quote, unquote

AGENCY = "HUB_OBSERVATORY"

# A key without a value, as SDMX's own code lists have it.
NOT_APPLICABLE = "_Z"

# What no identifier of SDMX may hold, and `quote` leaves as it is.
_ALSO_ESCAPED = {".": "$2E", "~": "$7E", "%": "$"}


def code_id(value: str | None) -> str:
    """A value of a table as a code; a missing one as ``NOT_APPLICABLE``.

    Most values are codes as they stand. A byte that SDMX does not allow becomes ``$`` and two
    hexadecimal digits, whoever chose it: ``not popular`` is ``not$20popular``. ``value_of`` turns
    it back.
    """
    if value is None:
        return NOT_APPLICABLE
    if value == NOT_APPLICABLE:  # a name that means nothing of the kind
        return "$5FZ"
    code = quote(value, safe="") or "$"
    for character, escaped in _ALSO_ESCAPED.items():
        code = code.replace(character, escaped)
    return code


def value_of(code: str) -> str | None:
    """The value that a code stands for."""
    if code == NOT_APPLICABLE:
        return None
    return "" if code == "$" else unquote(code.replace("$", "%"))


def unit_id(unit: str) -> str:
    """A unit's words as a code: ``CURRENT_US_DOLLARS``."""
    return "_".join("".join(c if c.isalnum() else " " for c in unit).upper().split())


def version(method_version: str) -> str:
    """The version of every structure: the first two parts of the methodology's.

    One of two parts promises nothing, by SDMX 3.0: codes come as the Hub gets new tasks.
    """
    return ".".join(method_version.split(".")[:2])


def urn(kind: str, artefact: str, of_version: str, *, agency: str = AGENCY) -> str:
    """The name by which structures refer to one another.

    Args:
        kind: package and class, such as ``codelist.Codelist``.
    """
    return f"urn:sdmx:org.sdmx.infomodel.{kind}={agency}:{artefact}({of_version})"
