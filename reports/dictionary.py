"""Descriptions of the tables and columns that are handed on, from dbt's manifest.

Nothing is guessed from a name: unit, aggregation and additivity are what the column's contract says
in ``config.meta``. models/marts/_marts__models.yml explains the words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from loaders.warehouse.schemas import schema_prefix
from reports.errors import ReportError
from reports.manifest import accepted_values, keys, manifest_path, read_manifest

# What is handed on: the marts, the tables of the study, and those of the ecosystem.
SCHEMAS = ("marts", "trends", "ecosystem")

_TYPES = (
    (pa.types.is_boolean, "true or false"),
    (pa.types.is_date, "date"),
    (pa.types.is_timestamp, "date and time, UTC"),
    (pa.types.is_integer, "whole number"),
    (lambda type_: pa.types.is_floating(type_) or pa.types.is_decimal(type_), "number"),
)


@dataclass(frozen=True)
class Contract:
    """The part of a column's contract that readers need.

    Attributes:
        unit: of a number; empty for what is none, such as a name or a date.
        aggregation: ``sum``, ``max`` or ``none``.
        additive_over: the keys over which a sum is right.
        code_list: the list that its values are of, where that is not named after the column.
        accepted: every value that it can have, where a test lists them.
    """

    description: str
    unit: str
    aggregation: str
    additive_over: tuple[str, ...] = ()
    code_list: str = ""
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True)
class ColumnText:
    """A column for readers.

    Attributes:
        type: in words, such as ``whole number``; ``text`` where nothing else fits.
    """

    name: str
    type: str
    contract: Contract

    @property
    def description(self) -> str:
        return self.contract.description

    @property
    def unit(self) -> str:
        return self.contract.unit

    @property
    def additivity(self) -> str:
        """A sentence on how rows combine; empty for what is no number."""
        if not self.unit:
            return ""
        if self.contract.aggregation == "sum":
            return f"Adds up over {' and '.join(self.contract.additive_over)}."
        if self.contract.aggregation == "max":
            return "Does not add up: of several rows the largest value counts."
        return "Does not add up."


@dataclass(frozen=True)
class TableText:
    """A table for readers.

    Attributes:
        columns: contracts by name.
        keys: columns that tell its rows apart.
        no_sdmx: why it is not published as SDMX; empty where it is.
        credits: whose data it rests on beside the Hub's: ``meta.credit`` of the seeds that it is
            made from, however many models lie between.
    """

    schema: str
    name: str
    description: str
    columns: dict[str, Contract]
    credits: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    no_sdmx: str = ""

    def describe(self, schema: pa.Schema) -> list[ColumnText]:
        """The columns that the table has in the warehouse, with their types there.

        Raises:
            ReportError: one of them has no contract.
        """
        if unknown := [name for name in schema.names if name not in self.columns]:
            raise ReportError(
                f"{self.schema}.{self.name} has columns that {manifest_path()} does not describe: "
                f"{', '.join(unknown)}. Run 'dbt build', so that both are of one version."
            )
        return [
            ColumnText(field.name, _type_name(field.type), self.columns[field.name])
            for field in schema
        ]


def read_dictionary(schemas: Sequence[str] = SCHEMAS) -> list[TableText]:
    """Read from dbt's manifest which tables are handed on, and what they are.

    Args:
        schemas: those whose tables are asked for.

    Raises:
        ReportError: there is no manifest, it is damaged or of another build, or a column of it
            does not say what its number is.
    """
    nodes: dict[str, dict[str, Any]] = read_manifest()["nodes"]
    prefix = schema_prefix()
    tables = [
        TableText(
            schema=node["schema"].removeprefix(prefix),
            name=node["alias"],
            description=_one_line(node["description"]),
            columns=_contracts(node, nodes),
            credits=_credits(node["unique_id"], nodes),
            keys=keys(nodes, node["unique_id"]),
            no_sdmx=_one_line(node.get("config", {}).get("meta", {}).get("no_sdmx", "")),
        )
        for node in nodes.values()
        if node["resource_type"] == "model" and node["schema"] in [prefix + s for s in schemas]
    ]
    others = {node["schema"] for node in nodes.values() if node["resource_type"] == "model"}
    if others and not tables:
        raise ReportError(
            f"{manifest_path()} is of a build with another HUB_SCHEMA_PREFIX than {prefix!r}: it "
            f"made {', '.join(sorted(others))}. Run 'dbt build' with this one first."
        )
    return sorted(tables, key=lambda table: (table.schema, table.name))


def _contracts(node: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> dict[str, Contract]:
    accepted = accepted_values(nodes, node["unique_id"])
    return {
        column["name"]: _contract(node["alias"], column, accepted.get(column["name"], ()))
        for column in node["columns"].values()
    }


def _contract(table: str, column: dict[str, Any], accepted: tuple[str, ...]) -> Contract:
    meta = column["config"].get("meta", {})
    try:
        unit, aggregation = meta["unit"], meta["aggregation"]
    except KeyError as error:
        raise ReportError(
            f"{manifest_path()} has no {error.args[0]} for the column {column['name']} of {table}: "
            "it belongs in config.meta of the column's contract."
        ) from error
    return Contract(
        description=_one_line(column["description"]),
        unit="" if unit == "none" else unit,
        aggregation=aggregation,
        additive_over=tuple(meta.get("additive_over", ())),
        code_list=meta.get("code_list", ""),
        accepted=accepted,
    )


def _credits(node: str, nodes: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    found: set[str] = set()
    waiting, seen = [node], {node}
    while waiting:
        one = nodes.get(waiting.pop())
        if one is None:  # a source: the Hub itself
            continue
        if credit := one.get("config", {}).get("meta", {}).get("credit"):
            found.add(credit)
        above = [name for name in one.get("depends_on", {}).get("nodes", []) if name not in seen]
        seen.update(above)
        waiting += above
    return tuple(sorted(found))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _type_name(type_: pa.DataType) -> str:
    return next((name for is_type, name in _TYPES if is_type(type_)), "text")
