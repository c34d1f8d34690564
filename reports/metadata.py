"""Facts that an extract carries with it: title, source, licence, and its columns' meaning."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from reports import credit
from reports.dictionary import ColumnText, TableText
from reports.report_data import ReportData

# By the dictionary's types: the W3C's.
_TYPES = {
    "true or false": "boolean",
    "date": "date",
    "date and time, UTC": {"base": "datetime", "format": "yyyy-MM-dd HH:mm:ss"},
    "whole number": "integer",
    "number": "number",
    "text": "string",
}


def facts(table: TableText, data: ReportData) -> dict[str, str]:
    """Title, source, licence and citation of a table, by name; keys are those of Dublin Core."""
    marking = data.marking
    credits = credit.of_table(table, data)
    found = {
        "title": f"{marking.label}: {table.name}" if marking else table.name,
        "description": table.description,
        "coverage": f"{marking.label}: {marking.warning}" if marking else "",
        "creator": "Hub Observatory",
        "source": credit.source(data),
        "date": data.snapshot_date.isoformat(),
        "license": credit.LICENCE_URL,
        "rights": "; ".join([f"Licence {credit.LICENCE}", *credits]),
        "bibliographicCitation": credit.citation(data, credits, table.name),
        "conformsTo": credit.METHODOLOGY,
    }
    return {key: value for key, value in found.items() if value}


def within(table: pa.Table, of_table: dict[str, str], columns: Sequence[ColumnText]) -> pa.Table:
    """A table that carries its facts and its columns' meaning, for Parquet's own metadata.

    Arrow alone reads what stands at a column; under the key ``columns`` all readers find the same.
    """
    meanings = {column.name: _meaning(column) for column in columns}
    facts = {**of_table, "columns": json.dumps(meanings, ensure_ascii=False)}
    fields = [field.with_metadata(meanings[field.name]) for field in table.schema]
    return table.cast(pa.schema(fields, metadata=facts))


def _meaning(column: ColumnText) -> dict[str, str]:
    found = {"description": column.description, "type": column.type, "unit": column.unit}
    if column.unit:
        found["aggregation"] = column.contract.aggregation
        found["additive_over"] = ", ".join(column.contract.additive_over)
    return {key: value for key, value in found.items() if value}


def write_beside(csv: Path, of_table: dict[str, str], columns: Sequence[ColumnText]) -> None:
    """Write ``<name>.csv-metadata.json``, where readers of "CSV on the Web" look for it."""
    document: dict[str, Any] = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": csv.name,
        **{f"dcterms:{key}": value for key, value in of_table.items()},
        "tableSchema": {
            "columns": [
                {
                    "name": column.name,
                    "datatype": _TYPES[column.type],
                    "dcterms:description": column.description,
                    **(
                        {"schema:unitText": column.unit, "rdfs:comment": column.additivity}
                        if column.unit
                        else {}
                    ),
                }
                for column in columns
            ]
        },
    }
    path = csv.with_name(f"{csv.name}-metadata.json")
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
