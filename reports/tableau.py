"""Data sources for Tableau: live on BigQuery, and packed with an extract."""

import os
import zipfile
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as xml

from loaders.warehouse.schemas import schema
from reports import credit
from reports.dictionary import ColumnText
from reports.extracts import Extract
from reports.figures.base import POPULATIONS
from reports.files import path_of
from reports.report_data import ReportData

# The version of the document format, as Tableau has written it since 2018.
_FORMAT = "18.1"

# By the dictionary's types: Tableau's type, and the kind of a field that is no measure.
_TYPES = {
    "true or false": ("boolean", "nominal"),
    "date": ("date", "ordinal"),
    "date and time, UTC": ("datetime", "ordinal"),
    "whole number": ("integer", "ordinal"),
    "number": ("real", "ordinal"),
    "text": ("string", "nominal"),
}

# What does not aggregate is averaged: Tableau needs a way, and the average of one row is that row.
AGGREGATIONS = {"sum": "Sum", "max": "Max", "none": "Avg"}

# By the contract's units. Months are those of an age or a lag, by which rows are told apart.
NO_MEASURE = ("", "rank", "months")
FORMATS = {
    "fraction": "p0.0%",
    "current US dollars": 'c"$"#,##0;-"$"#,##0',
    "current US dollars per million parameters": 'c"$"#,##0.00;-"$"#,##0.00',
}
# An average of one row's count is that count, and no fraction.
_WHOLE = "n#,##0;-#,##0"

_WORDS = {"usd": "USD", "ci": "CI", "gb": "GB", "id": "ID", "moe": "MoE", "chatgpt": "ChatGPT"}

# Of a packed data source, where Tableau puts such files itself.
_PACKED_FOLDER = "Data/Extracts"
# A zip file names a time; a fixed one makes the same file from the same data.
_NO_TIME = (1980, 1, 1, 0, 0, 0)

# Columns of which a reader of Tableau sees other words than the table has, as the page does.
_ALIASES = {"population": POPULATIONS}


def write_data_sources(extracts: list[Extract], folder: Path, data: ReportData) -> list[Path]:
    """Write a packed data source for each table with a file, and a live one for each table.

    Live ones are written where GOOGLE_CLOUD_PROJECT names the project.
    """
    folder.mkdir(parents=True, exist_ok=True)
    marking = data.marking
    project = os.environ.get("GOOGLE_CLOUD_PROJECT")
    written = []
    for extract in extracts:
        name = extract.table.name
        if extract.files:
            packed = path_of(folder, name, ".tdsx", marking=marking)
            document = as_document(packed_source(extract, data))
            pack(document, f"{packed.stem}.tds", extract.files[:1], packed)
            written.append(packed)
        if project:
            live = path_of(folder, name, ".tds", marking=marking)
            live.write_bytes(as_document(live_source(extract, project, data)))
            written.append(live)
    return written


def live_source(extract: Extract, project: str, data: ReportData) -> xml.Element:
    """A table on BigQuery as a data source. Whoever opens it signs in to Google."""
    table = extract.table
    connection = xml.Element(
        "connection",
        {
            "class": "bigquery",
            "authentication": "oauth",
            "server": "googleapis.com/bigquery",
            "CATALOG": project,
            "EXECCATALOG": project,  # who pays for the query
            "project": project,
            "schema": schema(table.schema),
            "connection-protocol": "native-api",
            "username": "",
        },
    )
    relation = xml.Element(
        "relation",
        {"name": table.name, "table": f"[{schema(table.schema)}].[{table.name}]", "type": "table"},
    )
    return _source(extract, connection, relation, data)


def packed_source(extract: Extract, data: ReportData) -> xml.Element:
    """A table's CSV file in the same package as a data source."""
    file = extract.files[0].name
    connection = xml.Element(
        "connection",
        {
            "class": "textscan",
            "directory": _PACKED_FOLDER,
            "filename": file,
            "password": "",
            "server": "",
        },
    )
    relation = xml.Element(
        "relation",
        {"name": file, "table": f"[{file.removesuffix('.csv')}#csv]", "type": "table"},
    )
    columns = xml.SubElement(
        relation,
        "columns",
        {"character-set": "UTF-8", "header": "yes", "locale": "en_US", "separator": ","},
    )
    for ordinal, column in enumerate(extract.columns):
        datatype, _ = _TYPES[column.type]
        xml.SubElement(
            columns, "column", {"datatype": datatype, "name": column.name, "ordinal": str(ordinal)}
        )
    return _source(extract, connection, relation, data)


def packed_hyper_source(extract: Extract, data: ReportData) -> xml.Element:
    """A table's .hyper file in the same package as a data source."""
    connection = xml.Element(
        "connection",
        {
            "authentication": "auth-none",
            "author-locale": "en_US",
            "class": "hyper",
            "dbname": f"{_PACKED_FOLDER}/{extract.files[-1].name}",
            "default-settings": "yes",
            "username": "tableau_internal_user",
        },
    )
    relation = xml.Element(
        "relation", {"name": "Extract", "table": "[Extract].[Extract]", "type": "table"}
    )
    return _source(extract, connection, relation, data)


def pack(document: bytes, name: str, files: Iterable[Path], path: Path) -> None:
    """Write a document and the files that it reads as one package of Tableau's."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(zipfile.ZipInfo(name, _NO_TIME), document)
        for file in files:
            entry = zipfile.ZipInfo(f"{_PACKED_FOLDER}/{file.name}", _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, file.read_bytes())


def as_document(element: xml.Element) -> bytes:
    """A data source as a .tds document."""
    xml.indent(element)
    return bytes(xml.tostring(element, encoding="utf-8", xml_declaration=True))


def caption(column: str) -> str:
    """A column's name as people write: ``Median cost USD low``."""
    words = [_WORDS.get(word, word) for word in column.removeprefix("is_").split("_")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def _source(
    extract: Extract, connection: xml.Element, relation: xml.Element, data: ReportData
) -> xml.Element:
    name, marking = extract.table.name, data.marking
    link = f"{connection.get('class')}.{name}"
    relation.set("connection", link)
    source = xml.Element(
        "datasource",
        {
            "caption": f"{f'{marking.label}: ' if marking else ''}{caption(name)}",
            "formatted-name": f"federated.{name}",
            "inline": "true",
            "version": _FORMAT,
        },
    )
    federated = xml.SubElement(source, "connection", {"class": "federated"})
    named = xml.SubElement(federated, "named-connections")
    xml.SubElement(named, "named-connection", {"caption": name, "name": link}).append(connection)
    federated.append(relation)
    xml.SubElement(source, "aliases", {"enabled": "yes"})
    for column in extract.columns:
        # What a data source has no place of its own for stands where every table has a column.
        terms = credit.terms(data, credit.of_table(extract.table, data))
        source.append(_field(column, terms if column.name == "snapshot_date" else ""))
    return source


def _field(column: ColumnText, more: str) -> xml.Element:
    datatype, kind = _TYPES[column.type]
    is_measure = column.unit not in NO_MEASURE
    attributes = {
        "caption": caption(column.name),
        "datatype": datatype,
        "name": f"[{column.name}]",
        "role": "measure" if is_measure else "dimension",
        "type": "quantitative" if is_measure else kind,
    }
    if is_measure:
        attributes["aggregation"] = AGGREGATIONS[column.contract.aggregation]
        if column.type == "whole number":
            attributes["default-format"] = _WHOLE
    if form := FORMATS.get(column.unit):
        attributes["default-format"] = form
    field = xml.Element("column", attributes)
    if words := _ALIASES.get(column.name):
        aliases = xml.SubElement(field, "aliases")
        for value, name in words.items():
            xml.SubElement(aliases, "alias", {"key": f'"{value}"', "value": name})
    unit = column.unit and f"Unit: {column.unit}."
    text = " ".join(filter(None, [column.description, unit, column.additivity, more]))
    if text:
        description = xml.SubElement(xml.SubElement(field, "desc"), "formatted-text")
        xml.SubElement(description, "run").text = text
    return field
