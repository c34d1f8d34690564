"""What a report is made of: the answers to its questions, read once from the warehouse."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from reports.errors import ReportError
from reports.marking import PARTIAL, SYNTHETIC, Marking
from reports.warehouse import Warehouse

Row = dict[str, Any]

SCHEMAS = ("marts", "trends", "intermediate")

_QUERIES = Path(__file__).with_name("queries")
_RELATION = re.compile(rf"\b((?:{'|'.join(SCHEMAS)})\.\w+)")


@dataclass(frozen=True)
class ReportData:
    """One report's data.

    Attributes:
        answers: rows by the name of the query; none where a relation that it asks is not in the
            warehouse.
        snapshot_date: of the listing of models, on which most figures rest.
        datasets_date: of the listing of datasets; None where there is none.
        crawled_from: the Hub's address, a folder of records, or sample.
        is_synthetic: the Hub behind it is made up.
        is_complete: each listing is all that the Hub listed; else one is a part.
        obtained_from, licence: of a folder of records, in its own words; None where it says none.
        method_version: of docs/methodology.md.
    """

    answers: dict[str, list[Row]]
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
        """What every output must say of it; None of a whole listing of a real Hub."""
        if self.is_synthetic:
            return SYNTHETIC
        return None if self.is_complete else PARTIAL

    @property
    def is_of_the_hub(self) -> bool:
        """Whether the records are the Hugging Face Hub's own."""
        return urlsplit(self.crawled_from).hostname == "huggingface.co"

    def rows(self, query: str) -> list[Row]:
        """The answer to a query of ``queries/``; empty where a relation is missing.

        Raises:
            KeyError: there is no such query.
        """
        return self.answers[query]


def query(name: str) -> str:
    """The text of a query of ``queries/``."""
    return (_QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def query_names() -> list[str]:
    """All queries of ``queries/``."""
    return sorted(path.stem for path in _QUERIES.glob("*.sql"))


def read_report_data(warehouse: Warehouse) -> ReportData:
    """Ask every question of ``queries/``.

    Raises:
        ReportError: the marts are not there or hold nothing.
    """
    relations = {f"{schema}.{table}" for schema in SCHEMAS for table in warehouse.tables(schema)}
    answers = {}
    for name in query_names():
        sql = query(name)
        is_answerable = set(_RELATION.findall(sql)) <= relations
        answers[name] = warehouse.read(sql).to_pylist() if is_answerable else []
    snapshots = {row["kind"]: row for row in answers["snapshots"]}
    if "models" not in snapshots or not answers["new_models"]:
        raise ReportError(
            f"{warehouse.name} has no marts, or no model in them. Load a Hub and build it first: "
            "'make load build HUB=…'."
        )
    return ReportData(
        answers=answers,
        snapshot_date=snapshots["models"]["snapshot_date"],
        datasets_date=snapshots.get("datasets", {}).get("snapshot_date"),
        crawled_from=snapshots["models"]["crawled_from"],
        is_synthetic=any(row["is_synthetic"] for row in snapshots.values()),
        method_version=answers["new_models"][0]["method_version"],
        is_complete=all(row["is_complete"] for row in snapshots.values()),
        obtained_from=snapshots["models"]["obtained_from"],
        licence=snapshots["models"]["licence"],
    )
