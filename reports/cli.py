"""The command line of the report: ``python -m reports``."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from loaders.errors import LoaderError
from loaders.terminal import log_handler, one_line
from reports import credit, documents, page, quality, release, text
from reports.catalogue import write_catalogue
from reports.dbt_docs import DbtDocs
from reports.dictionary import read_dictionary
from reports.errors import ReportError
from reports.explorer import read_tables, write_explorer
from reports.exposure import read_exposure
from reports.extracts import Extract, write_extracts
from reports.figures import headlines
from reports.hosting import publish
from reports.publish import replaced
from reports.report_data import ReportData, read_report_data
from reports.sdmx import CodeLists, read_code_lists, write_sdmx
from reports.spreadsheet import write_spreadsheet
from reports.tableau import write_data_sources
from reports.warehouse import TARGETS, open_warehouse, short_name
from reports.workbook import write_workbooks

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code: 0, or 1 with the reason on standard error. A wrong argument ends with exit
        code 2, as argparse has it, and Ctrl-C with 130.
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, handlers=[log_handler()])
    logging.getLogger("reports").setLevel(logging.INFO)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # of Google's clients: a line each retry
    try:
        options.run(options)
    except (ReportError, LoaderError) as error:
        print(f"error: {one_line(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the report before, if there is one, stands", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m reports", description="Make what people look at from the marts."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    build = commands.add_parser(
        "build",
        help="write the page, charts, extracts and data sources",
        description="Write the report page (index.html), the explorer (explore.html), the quality "
        "report (quality.html), each "
        "chart as SVG and PNG, each table as CSV and Parquet (and as .hyper where the extra "
        "'tableau' is installed), data sources and a workbook for Tableau, the tables as SDMX, and "
        "dbt's documentation (dbt.html). Nothing is written to the warehouse.",
        epilog="Environment: HUB_DUCKDB_PATH (data/hub.duckdb), GOOGLE_CLOUD_PROJECT and "
        "GOOGLE_CLOUD_LOCATION (for --target bigquery; the first also for Tableau's live data "
        "sources), HUB_SCHEMA_PREFIX (none; stands before the name of each schema), "
        "DBT_TARGET_PATH (target: where dbt's manifest is), HUB_CONTACT (none; name and address "
        "of who publishes, for the quality report).",
    )
    build.add_argument(
        "--output",
        metavar="FOLDER",
        type=Path,
        help="the folder of the report, which takes the place of the one before it (default: "
        "report/ and the name of the database, such as report/hub)",
    )
    build.add_argument(
        "--kept-at",
        metavar="PLACE",
        help="where the folder will be copied to: named in place of it at the end",
    )
    build.add_argument(
        "--target",
        choices=TARGETS,
        default="duckdb",
        help="the engine that has the marts (default: %(default)s)",
    )
    build.add_argument(
        "--no-docs", action="store_true", help="leave out dbt's documentation, which takes seconds"
    )
    build.set_defaults(run=_build)
    _add_site(commands)
    return parser


def _add_site(commands: Any) -> None:
    site = commands.add_parser(
        "site",
        help="add the report to a site for any static host",
        description="Copy a report into a site: latest/, and a folder for each snapshot, which "
        "stays when others come. A list of releases, an Atom feed and, where the address is "
        "known, a sitemap and a page for what is not found are written anew.",
        epilog="Environment: HUB_SITE_ADDRESS (none; for --address), and for the default of "
        "--report that of build.",
    )
    site.add_argument(
        "--report",
        metavar="FOLDER",
        type=Path,
        help="the report (default: where build writes it)",
    )
    site.add_argument(
        "--output",
        metavar="PLACE",
        default="site",
        help="the site: a folder, or a bucket such as gs://bucket/site (default: %(default)s)",
    )
    site.add_argument(
        "--address",
        metavar="URL",
        default=os.environ.get("HUB_SITE_ADDRESS", ""),
        help="where readers will find it, such as https://example.org/hub/",
    )
    site.add_argument(
        "--target",
        choices=TARGETS,
        default="duckdb",
        help="the engine that the report was made from (default: %(default)s)",
    )
    site.set_defaults(run=_add_to_site)


def _build(options: argparse.Namespace) -> None:
    with open_warehouse(options.target) as warehouse:
        # After it: without a project, make has no prefix for the sample, and dbt built nothing.
        tables, exposure = read_dictionary(), read_exposure()
        output: Path = options.output or Path("report", warehouse.short_name)
        with replaced(output) as folder:
            log.info("reading %s", warehouse.name)
            data = read_report_data(warehouse, exposure)
            log.info("writing extracts")
            extracts = write_extracts(warehouse, tables, folder / "extracts", data)
            code_lists = read_code_lists(warehouse, data.method_version)
            explored = read_tables(warehouse)
            warehouse.close()
            log.info("writing the explorer")
            write_explorer(explored, code_lists, data, folder)
            charts = _write(options, data, extracts, code_lists, folder)
    _print_summary(data, options.kept_at or str(output), charts=charts, extracts=len(extracts))


def _add_to_site(options: argparse.Namespace) -> None:
    report: Path = options.report or Path("report", short_name(options.target))
    address = options.address
    if address and not address.startswith(("https://", "http://")):
        raise ReportError(
            f"The address {address!r} is none of the web: give https://… to --address."
        )
    if address and not address.endswith("/"):
        address += "/"
    folders = publish(report, options.output, address)
    print(f"Site: {options.output} ({', '.join(folders)})")


def _write(
    options: argparse.Namespace,
    data: ReportData,
    extracts: list[Extract],
    code_lists: CodeLists,
    folder: Path,
) -> int:
    """Write what is made of the extracts; how many charts there are."""
    with ExitStack() as stack:
        docs = None if options.no_docs else stack.enter_context(DbtDocs(options.target))
        data_sources = write_data_sources(extracts, folder / "tableau", data)
        workbooks = write_workbooks(extracts, folder / "tableau", data)
        write_catalogue(extracts, folder / "extracts", data)
        log.info("writing the spreadsheet")
        spreadsheet = write_spreadsheet(extracts, folder / "extracts", data)
        log.info("writing SDMX")
        sdmx = write_sdmx(extracts, code_lists, folder / "sdmx", data)
        tables = [extract.table for extract in extracts]
        drawn = []
        charts = 0
        for section, figures in page.draw_figures(data):
            log.info("drawing %s", section.title)
            charts += page.write_charts(figures, data, tables, folder / "charts")
            drawn.append((section, figures))
        html = page.page(
            drawn,
            data,
            extracts,
            data_sources + workbooks,
            has_docs=docs is not None,
            sdmx=sdmx,
            spreadsheet=spreadsheet,
        )
        documents.write_documents(folder)
        quality.write_quality(folder / credit.QUALITY, data)
        release.write_release(folder, data)
        (folder / "index.html").write_text(html, encoding="utf-8")
        if docs:
            log.info("writing dbt's documentation")
            docs.save(folder / "dbt.html")
    return charts


def _print_summary(data: ReportData, place: str, *, charts: int, extracts: int) -> None:
    if data.marking:
        print(f"\n{data.marking.label}: {data.marking.warning}")
    day = text.full_date(data.snapshot_date).replace(text.NBSP, " ")
    print(f"\nSnapshot of {day}: {credit.listed(data)}")
    if month := page.newest_month(data):
        print(f"Newest complete month: {month}\n")
    rows = [[cell.replace(text.NBSP, " ") for cell in row] for row in headlines(data)]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for title, value, remark in rows:
        print(f"  {title:<{widths[0]}}  {value:<{widths[1]}}  {remark}".rstrip())
    print(f"\nPage: {place}/index.html ({charts} charts, {extracts} tables as extracts)")
