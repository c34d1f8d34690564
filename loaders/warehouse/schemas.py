"""The names of the schemas (on BigQuery, datasets) of one observatory.

Several may share a project or a file: HUB_SCHEMA_PREFIX stands before each name, so that a
sample, a development and the production never meet. dbt reads the same variable, in
``generate_schema_name``.
"""

import os
import re

from loaders.errors import LoaderError

# Without the prefix. dbt_project.yml gives a folder of models its schema.
SCHEMAS = (
    "hub_raw",
    "staging",
    "intermediate",
    "marts",
    "trends",
    "ecosystem",
    "reporting",
    "seeds",
)

# What dlt, dbt and both engines all write as it is, without quotes.
_PREFIX = re.compile(r"([a-z][a-z0-9]*(_[a-z0-9]+)*_?)?")
_LONGEST = 40


class WrongPrefixError(LoaderError):
    """The prefix is none that every engine takes."""


def schema_prefix() -> str:
    """The prefix of the name of each schema; mostly nothing.

    Raises:
        WrongPrefixError: HUB_SCHEMA_PREFIX has characters that a schema cannot have.
    """
    prefix = os.environ.get("HUB_SCHEMA_PREFIX", "")
    if not _PREFIX.fullmatch(prefix) or len(prefix) > _LONGEST:
        raise WrongPrefixError(
            f"HUB_SCHEMA_PREFIX is {prefix[:_LONGEST]!a}: give lower-case letters, digits and "
            f"single underscores, a letter first and {_LONGEST} at most, such as dev_."
        )
    return prefix


def schema(name: str) -> str:
    """The name of a schema in this observatory.

    Args:
        name: one of ``SCHEMAS``.

    Raises:
        WrongPrefixError: as ``schema_prefix``.
    """
    return f"{schema_prefix()}{name}"


def with_prefix(sql: str) -> str:
    """A query in which each ``schema.table`` is the one of this observatory.

    Raises:
        WrongPrefixError: as ``schema_prefix``.
    """
    return _QUALIFIED.sub(lambda name: schema(name[0]), sql)


_QUALIFIED = re.compile(rf"(?<![\w.])(?:{'|'.join(SCHEMAS)})(?=\.\w)")
