"""The exposure of the page in models/exposures.yml: what the page reads, and its limits."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from loaders.warehouse.schemas import schema_prefix
from reports.errors import ReportError
from reports.manifest import manifest_path, read_manifest

NAME = "report_page"


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
    exposures = (one for one in manifest["exposures"].values() if one["name"] == NAME)
    try:
        exposure = next(exposures)
        nodes = [manifest["nodes"][node] for node in exposure["depends_on"]["nodes"]]
        return PageExposure(
            tuple(_relation(node) for node in nodes),
            _limits(exposure["config"]["meta"]["limits"]),
        )
    except (StopIteration, KeyError, TypeError, ValueError) as error:
        raise ReportError(
            f"{manifest_path()} is of another version of the code: it does not say what the page "
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
