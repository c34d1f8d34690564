"""The exposures of page and explorer in models/exposures.yml: what is read, and the limits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from loaders.warehouse.schemas import schema_prefix
from reports.errors import ReportError
from reports.manifest import Manifest, manifest_path, read_manifest

NAME = "report_page"
EXPLORER = "explorer"


@dataclass(frozen=True)
class Limits:
    """Limits that the page names, as dbt's variables have them; dbt_project.yml explains each."""

    min_values: int
    min_coverage: float
    min_publishers: int
    max_interval_ratio: float
    min_parameters_for_cost: int
    storage_outlier_quantile: float
    relation_reliable_from: date
    censored_until: date
    max_days_interpolated: int
    min_revisions: int
    few_languages: int
    shown_models: int
    shown_publishers: int
    shown_languages: int
    shown_tasks: int


@dataclass(frozen=True)
class Relation:
    """A table that the page reads.

    Attributes:
        schema: without the prefix of this observatory.
        columns: those of its contract.
    """

    schema: str
    name: str
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def query(self) -> str:
        """SQL that reads it whole, on both engines."""
        return f"select {', '.join(self.columns)} from {self}"


@dataclass(frozen=True)
class PageExposure:
    """The page as dbt's manifest describes it.

    Attributes:
        relations: all that the page reads.
    """

    relations: tuple[Relation, ...]
    limits: Limits


def read_exposure() -> PageExposure:
    """Read from dbt's manifest what the page reads, and the limits that it names.

    Raises:
        ReportError: there is no manifest, or it is damaged or of another version of the code.
    """
    manifest = read_manifest()
    with _of_this_version("the page"):
        exposure = _named(manifest, NAME)
        nodes = [manifest["nodes"][node] for node in exposure["depends_on"]["nodes"]]
        return PageExposure(
            tuple(_relation(node) for node in nodes),
            _limits(exposure["config"]["meta"]["limits"]),
        )


def read_limits_of_explorer() -> dict[str, int]:
    """Read from dbt's manifest how many values the explorer has at most, by dbt's variable.

    Raises:
        ReportError: as ``read_exposure``.
    """
    manifest = read_manifest()
    with _of_this_version("the explorer"):
        limits = _named(manifest, EXPLORER)["config"]["meta"]["limits"]
        return {name: int(most) for name, most in limits.items()}


def _named(manifest: Manifest, name: str) -> dict[str, Any]:
    return next(one for one in manifest["exposures"].values() if one["name"] == name)


@contextmanager
def _of_this_version(reader: str) -> Iterator[None]:
    try:
        yield
    except (StopIteration, KeyError, TypeError, ValueError) as error:
        raise ReportError(
            f"{manifest_path()} is of another version of the code: it does not say what {reader} "
            "reads. 'dbt build' writes it anew."
        ) from error


def _relation(node: dict[str, Any]) -> Relation:
    return Relation(
        schema=node["schema"].removeprefix(schema_prefix()),
        name=node["alias"],
        columns=tuple(node["columns"]),
    )


def _limits(variables: dict[str, Any]) -> Limits:
    values = {field.name: variables[field.name] for field in fields(Limits)}
    days = ("relation_reliable_from", "censored_until")
    return Limits(**values | {day: date.fromisoformat(str(values[day])) for day in days})
