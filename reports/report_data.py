"""The data of a report: every table that the page reads, read once from the warehouse."""

from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any
from urllib.parse import urlsplit

from reports.errors import ReportError
from reports.exposure import Limits, PageExposure, Relation
from reports.marking import PARTIAL, SYNTHETIC, Marking
from reports.warehouse import Warehouse

Row = dict[str, Any]


@dataclass(frozen=True)
class ReportData:
    """The data of one report.

    Attributes:
        tables: rows by the name of the table, as the exposure of the page names it.
        limits: those that the page names.
        snapshot_date: of the listing of models, on which most figures rest.
        datasets_date: of the listing of datasets; None where there is none.
        crawled_from: the Hub's address, a folder of records, or sample.
        is_synthetic: the Hub behind it is made up.
        is_complete: each listing is all that the Hub listed; else one is a part.
        obtained_from, licence: of a folder of records, in its own words; None where it says none.
        method_version: of docs/methodology.md.
    """

    tables: dict[str, list[Row]]
    limits: Limits
    snapshot_date: date
    datasets_date: date | None
    crawled_from: str
    is_synthetic: bool
    method_version: str
    is_complete: bool = True
    obtained_from: str | None = None
    licence: str | None = None

    @property
    def marking(self) -> Marking | None:
        """The mark that every output carries; None for a whole listing of a real Hub."""
        if self.is_synthetic:
            return SYNTHETIC
        return None if self.is_complete else PARTIAL

    @property
    def is_of_the_hub(self) -> bool:
        """True where the records are the Hugging Face Hub's own."""
        return urlsplit(self.crawled_from).hostname == "huggingface.co"

    @property
    def headline(self) -> dict[str, str]:
        """The scope and the population of the newest headline; empty where no month has one."""
        rows = [row for row in self.rows("average_model_parameters", "month") if row["is_headline"]]
        return {key: rows[-1][key] for key in ("scope", "population")} if rows else {}

    def rows(self, table: str, *order: str) -> list[Row]:
        """Rows of a table, in an order, since a warehouse gives them in none.

        Args:
            table: the name of one that the page reads.
            order: columns, in ascending order, or in descending order with a ``-`` in front, which
                are numbers then. A missing value comes last.

        Raises:
            KeyError: the page reads no such table, or it has no such column.
        """
        rows = list(self.tables[table])
        for column in reversed(order):
            name = column.removeprefix("-")
            known = [row for row in rows if row[name] is not None]
            known.sort(key=itemgetter(name), reverse=column.startswith("-"))
            rows = known + [row for row in rows if row[name] is None]
        return rows


def read_report_data(warehouse: Warehouse, exposure: PageExposure) -> ReportData:
    """Read every table of the page.

    Raises:
        ReportError: one is not there, or there is no model in them.
    """
    _check_that_all_are_there(warehouse, exposure.relations)
    tables = {
        relation.name: warehouse.read(relation.query).to_pylist() for relation in exposure.relations
    }
    snapshots = {row["kind"]: row for row in tables["newest_snapshots"]}
    if "models" not in snapshots or not tables["new_models"]:
        raise ReportError(
            f"{warehouse.name} has no model in it. Load a Hub and build it first: "
            "'make load build HUB=…'."
        )
    return ReportData(
        tables=tables,
        limits=exposure.limits,
        snapshot_date=snapshots["models"]["snapshot_date"],
        datasets_date=snapshots.get("datasets", {}).get("snapshot_date"),
        crawled_from=snapshots["models"]["crawled_from"],
        is_synthetic=any(row["is_synthetic"] for row in snapshots.values()),
        method_version=tables["new_models"][0]["method_version"],
        is_complete=all(row["is_complete"] for row in snapshots.values()),
        obtained_from=snapshots["models"]["obtained_from"],
        licence=snapshots["models"]["licence"],
    )


def _check_that_all_are_there(warehouse: Warehouse, relations: tuple[Relation, ...]) -> None:
    schemas = {relation.schema for relation in relations}
    there = {schema: warehouse.tables(schema) for schema in schemas}
    missing = [str(one) for one in relations if one.name not in there[one.schema]]
    if missing:
        raise ReportError(
            f"{warehouse.name} lacks tables that the page reads: {', '.join(missing)}. "
            "'make build' makes them, of a Hub that 'make load' has loaded, with the same HUB."
        )
