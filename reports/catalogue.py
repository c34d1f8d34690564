"""Descriptions of the extracts for catalogues, and for who finds the folder alone."""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from reports import credit, text
from reports.dictionary import ColumnText, TableText
from reports.extracts import Extract
from reports.report_data import ReportData

_LICENCE_OF_DATA = Path(__file__).parents[1] / "LICENSE-DATA.md"

# By the dictionary's types: those of Frictionless's Table Schema.
_TYPES: dict[str, dict[str, str]] = {
    "true or false": {"type": "boolean"},
    "date": {"type": "date"},
    "date and time, UTC": {"type": "datetime", "format": "%Y-%m-%d %H:%M:%S"},
    "whole number": {"type": "integer"},
    "number": {"type": "number"},
    "text": {"type": "string"},
}

# By the end of a file's name.
_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".hyper": "application/octet-stream",
}


def write_catalogue(extracts: Sequence[Extract], folder: Path, data: ReportData) -> None:
    """Write datapackage.json, README.md and LICENSE.md beside the extracts.

    Catalogues look for these names, so a mark stands in them and not in front of them.
    """
    package = json.dumps(data_package(extracts, data), indent=2, ensure_ascii=False)
    (folder / "datapackage.json").write_text(f"{package}\n", encoding="utf-8")
    (folder / "README.md").write_text(_readme(extracts, data), encoding="utf-8")
    (folder / "LICENSE.md").write_bytes(_LICENCE_OF_DATA.read_bytes())


def data_package(extracts: Iterable[Extract], data: ReportData) -> dict[str, Any]:
    """The extracts as a Data Package: https://datapackage.org, version 2.0."""
    written = [extract for extract in extracts if extract.files]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "hub-observatory",
        "title": title(data),
        "description": _description(data),
        "version": data.method_version,
        "created": f"{data.snapshot_date.isoformat()}T00:00:00Z",
        "licenses": [{"name": "CC-BY-4.0", "title": credit.LICENCE, "path": credit.LICENCE_URL}],
        "contributors": [{"title": "Hub Observatory"}],
        "sources": [{"title": title} for title in _sources(written, data)],
        "resources": [_resource(extract) for extract in written],
    }


def _resource(extract: Extract) -> dict[str, Any]:
    csv = extract.files[0]
    content = csv.read_bytes()
    return {
        "name": extract.table.name,
        "type": "table",
        "path": csv.name,
        "description": extract.table.description,
        "format": "csv",
        "mediatype": _MEDIA_TYPES[".csv"],
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{sha256(content).hexdigest()}",
        "schema": {
            "fields": [_field(column) for column in extract.columns],
            "primaryKey": list(extract.table.keys),
        },
    }


def _field(column: ColumnText) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        **_TYPES[column.type],
        "description": column.description,
    }
    if column.unit:
        field |= {"unit": column.unit, "aggregation": column.contract.aggregation}
    if column.contract.accepted:
        field["constraints"] = {"enum": list(column.contract.accepted)}
    return field


def dataset(extracts: Sequence[Extract], data: ReportData) -> dict[str, Any]:
    """The report as a Dataset of schema.org, of which each table is a part."""
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": title(data),
        "description": _description(data),
        "license": credit.LICENCE_URL,
        "creator": {"@type": "Organization", "name": "Hub Observatory"},
        "dateModified": data.snapshot_date.isoformat(),
        "version": data.method_version,
        "isAccessibleForFree": True,
        "creditText": credit.citation(data),
        "isBasedOn": _sources(extracts, data),
        "measurementTechnique": credit.METHODOLOGY,
        "hasPart": [_part(extract) for extract in extracts if extract.files],
    }


def _part(extract: Extract) -> dict[str, Any]:
    return {
        "@type": "Dataset",
        "name": extract.table.name,
        "description": extract.table.description,
        "license": credit.LICENCE_URL,
        "creator": {"@type": "Organization", "name": "Hub Observatory"},
        "variableMeasured": [
            {"@type": "PropertyValue", "name": column.name, "unitText": column.unit}
            for column in extract.columns
            if column.unit
        ],
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": _MEDIA_TYPES[path.suffix],
                "contentUrl": f"extracts/{path.name}",
            }
            for path in extract.files
        ],
    }


def as_script(document: dict[str, Any]) -> str:
    """A document for the element ``script`` of a page, which nothing in it can end."""
    written = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return written.replace("<", "\\u003c")


def title(data: ReportData) -> str:
    """Name a report by its snapshot, with its mark in front."""
    mark = f"{data.marking.label}: " if data.marking else ""
    return f"{mark}Hub Observatory, snapshot of {text.full_date(data.snapshot_date)}"


def _description(data: ReportData) -> str:
    mark = f"{data.marking.label}: {data.marking.warning}. " if data.marking else ""
    return (
        f"{mark}AI models and datasets in the open: how many, how large, at what cost to train, "
        f"for which uses and in which languages. {credit.source(data)}"
    )


def _sources(extracts: Iterable[Extract], data: ReportData) -> list[str]:
    tables: list[TableText] = [extract.table for extract in extracts]
    credits = {one for table in tables for one in credit.of_table(table, data)}
    return [credit.listed(data), *sorted(credits)]


def _readme(extracts: Sequence[Extract], data: ReportData) -> str:
    tables = "\n".join(
        f"| `{extract.table.name}` | {text.count(extract.rows)} | {_first_sentence(extract)} |"
        for extract in extracts
    )
    credits = "\n".join(f"- {one}" for one in _sources(extracts, data))
    return f"""# {title(data)}

{_description(data)}

Each table is a CSV file in UTF-8 and a Parquet file, with a description beside the first
(`TABLE.csv-metadata.json`) and within the second. The data dictionary says what each column means;
`datapackage.json` has all of it for programs (https://datapackage.org). In the CSV files a text
that a spreadsheet would run as a formula has a ' in front.

Licence: {credit.LICENCE} ({credit.LICENCE_URL}), see LICENSE.md.

{credit.citation(data)}

What it rests on:

{credits}

| table | rows | what one row is |
|---|---|---|
{tables}
"""


def _first_sentence(extract: Extract) -> str:
    return extract.table.description.partition(". ")[0].removesuffix(".").replace("|", "\\|")
