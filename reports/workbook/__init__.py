"""The Tableau workbook: the published dashboards, packed with the extracts, and on BigQuery."""

import os
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as xml

from reports import credit
from reports.errors import ReportError
from reports.extracts import Extract
from reports.files import path_of
from reports.manifest import Manifest, keys, manifest_path, read_manifest
from reports.report_data import ReportData
from reports.tableau import live_source, pack, packed_hyper_source, packed_source
from reports.workbook.dashboards import DASHBOARDS, NEWEST, Dashboard
from reports.workbook.document import Page, document
from reports.workbook.fields import Source, add_newest_snapshot
from reports.workbook.worksheets import worksheet

NAME = "hub_observatory"


def write_workbooks(extracts: list[Extract], folder: Path, data: ReportData) -> list[Path]:
    """Write the workbook packed with its data, and a live one if GOOGLE_CLOUD_PROJECT is set.

    The packed one reads .hyper files where they were written, else CSV files. A table that the
    warehouse has not, or that is too long for a file, has no dashboard in it.

    Raises:
        ReportError: dbt's manifest knows no such dashboard, or not the grain of its table.
    """
    folder.mkdir(parents=True, exist_ok=True)
    manifest = read_manifest()
    by_table = {extract.table.name: extract for extract in extracts}
    files = {name: _packed_file(one) for name, one in by_table.items() if one.files}

    def packed(extract: Extract) -> xml.Element:
        is_hyper = files[extract.table.name].suffix == ".hyper"
        return (packed_hyper_source if is_hyper else packed_source)(extract, data)

    written = []
    pages = _pages([by_table[name] for name in files], packed, manifest, data)
    if pages:
        path = path_of(folder, NAME, ".twbx", marking=data.marking)
        read = [files[page.dashboard.table] for page in pages]
        pack(document(pages), f"{path.stem}.twb", read, path)
        written.append(path)
    project = os.environ.get("GOOGLE_CLOUD_PROJECT")
    if project:
        pages = _pages(extracts, lambda one: live_source(one, project, data), manifest, data)
        if pages:
            path = path_of(folder, NAME, ".twb", marking=data.marking)
            path.write_bytes(document(pages))
            written.append(path)
    return written


def _packed_file(extract: Extract) -> Path:
    """The .hyper file of a table, and its CSV file where Tableau's library is not installed."""
    return next((one for one in extract.files if one.suffix == ".hyper"), extract.files[0])


def _pages(
    extracts: list[Extract],
    describe: Callable[[Extract], xml.Element],
    manifest: Manifest,
    data: ReportData,
) -> list[Page]:
    by_table = {extract.table.name: extract for extract in extracts}
    headline = data.headline
    return [
        _page(dashboard, by_table[dashboard.table], describe, manifest, data, headline)
        for dashboard in DASHBOARDS
        if dashboard.table in by_table
    ]


def _page(
    dashboard: Dashboard,
    extract: Extract,
    describe: Callable[[Extract], xml.Element],
    manifest: Manifest,
    data: ReportData,
    headline: dict[str, str],
) -> Page:
    element = describe(extract)
    # A data source in a workbook goes by a name; on its own, by that of its file.
    element.set("name", element.attrib.pop("formatted-name"))
    if any(NEWEST in sheet.only for sheet in dashboard.sheets):
        add_newest_snapshot(element)
    columns = {column.name: column for column in extract.columns}
    source = Source(element, columns, _grain(extract.table.name, manifest))
    mark = f"{data.marking.label}: " if data.marking else ""
    credits = credit.of_table(extract.table, data)
    caption = f"{credit.source(data)} {credit.terms(data, credits)}"
    sheets = [
        worksheet(sheet, source, headline, mark=mark, caption=caption) for sheet in dashboard.sheets
    ]
    about = extract.table.description
    return Page(dashboard, _title(dashboard, manifest), mark, about, caption, source, sheets)


def _title(dashboard: Dashboard, manifest: Manifest) -> str:
    for exposure in manifest["exposures"].values():
        if exposure["name"] == dashboard.exposure:
            return str(exposure["label"])
    raise _unknown(f"the exposure {dashboard.exposure}")


def _grain(table: str, manifest: Manifest) -> tuple[str, ...]:
    """The keys of a table, which its validation rules name."""
    nodes = manifest["nodes"]
    for unique_id, node in nodes.items():
        is_model = node["resource_type"] == "model" and node["name"] == table
        if is_model and (grain := keys(nodes, unique_id)):
            return grain
    raise _unknown(f"the grain of {table}")


def _unknown(what: str) -> ReportError:
    return ReportError(
        f"{manifest_path()} is of another version of the code: it does not know {what}. "
        "'dbt build' writes it anew."
    )
