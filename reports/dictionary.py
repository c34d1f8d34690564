"""What the columns of the extracts mean, from dbt's manifest."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from loaders.warehouse.schemas import schema_prefix
from reports.errors import ReportError

# What is handed on: the marts and the tables of the study.
SCHEMAS = ("marts", "trends")

# The first pattern that is found in a column's name gives its unit.
_UNITS = (
    (r"^usd_2023_per_usd$", "US dollars of 2023 per current US dollar"),
    (
        r"_per_million_(first_of_size_)?usd_|^constant_recipe_usd_",
        "current US dollars per million parameters",
    ),
    (r"_usd_", "current US dollars"),
    (r"^share_|_share$|^share$|^coverage$|_change$", "fraction"),
    (r"^models_with_|models|^models$", "models"),
    (r"parameters|^geometric_mean_ci_", "parameters"),
    (r"datasets", "datasets"),
    (r"^publishers$", "publishers"),
    (r"downloads", "downloads in the last 30 days"),
    (r"likes", "likes"),
    (r"spaces", "Spaces"),
    (r"_gb$", "gigabytes"),
    (r"_order$|rank", "rank"),
)

_TYPES = (
    (pa.types.is_boolean, "true or false"),
    (pa.types.is_date, "date"),
    (pa.types.is_timestamp, "date and time, UTC"),
    (pa.types.is_integer, "whole number"),
    (lambda type_: pa.types.is_floating(type_) or pa.types.is_decimal(type_), "number"),
)


@dataclass(frozen=True)
class ColumnText:
    """A column for readers.

    Attributes:
        type: in words, such as ``whole number``; ``text`` where nothing else fits.
        unit: of a number; empty for others.
    """

    name: str
    type: str
    unit: str
    description: str


@dataclass(frozen=True)
class TableText:
    """A table for readers.

    Attributes:
        columns: descriptions by name.
        credits: whose data it rests on beside the Hub's: ``meta.credit`` of the seeds that it is
            made from, however many models lie between.
    """

    schema: str
    name: str
    description: str
    columns: dict[str, str]
    credits: tuple[str, ...] = ()

    def of(self, schema: pa.Schema) -> list[ColumnText]:
        """The columns that the table has in the warehouse, described."""
        return [
            ColumnText(
                field.name,
                type_name := _type_name(field.type),
                _unit(field.name) if "number" in type_name else "",
                self.columns.get(field.name, ""),
            )
            for field in schema
        ]


def manifest_path() -> Path:
    """dbt's own description of the project, of its last run."""
    return Path(os.environ.get("DBT_TARGET_PATH", "target")) / "manifest.json"


def read_dictionary() -> list[TableText]:
    """The tables to hand on, as dbt describes them.

    Raises:
        ReportError: there is no manifest.
    """
    path = manifest_path()
    try:
        nodes: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))["nodes"]
    except FileNotFoundError as error:
        raise ReportError(
            f"There is no {path}, from which the data dictionary is made. 'dbt build' writes it; "
            "DBT_TARGET_PATH says where."
        ) from error
    except (ValueError, KeyError) as error:  # of a run of dbt that was killed
        raise ReportError(f"{path} is damaged: 'dbt parse' writes it anew.") from error
    prefix = schema_prefix()
    tables = [
        TableText(
            schema=node["schema"].removeprefix(prefix),
            name=node["alias"],
            description=_one_line(node["description"]),
            columns={
                column["name"]: _one_line(column["description"])
                for column in node["columns"].values()
            },
            credits=_credits(node["unique_id"], nodes),
        )
        for node in nodes.values()
        if node["resource_type"] == "model" and node["schema"] in [prefix + s for s in SCHEMAS]
    ]
    others = {node["schema"] for node in nodes.values() if node["resource_type"] == "model"}
    if others and not tables:
        raise ReportError(
            f"{path} is of a build with another HUB_SCHEMA_PREFIX than {prefix!r}: it made "
            f"{', '.join(sorted(others))}. Run 'dbt build' with this one first."
        )
    return sorted(tables, key=lambda table: (table.schema, table.name))


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


def _unit(column: str) -> str:
    return next((unit for pattern, unit in _UNITS if re.search(pattern, column)), "")
