"""The explorer of the sample that the tests build, and what its readers do with it."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports.explorer import read_tables, write_explorer
from reports.explorer.views import VIEWS
from reports.exposure import read_exposure
from reports.report_data import read_report_data
from reports.sdmx import read_code_lists
from reports.warehouse import open_warehouse
from tests.reports.browser import Browser, Page

COMPARED = {table.table: table.by for view in VIEWS for table in view.tables}
TABLES = [(view.key, table.table) for view in VIEWS for table in view.tables]

# What a reader sees of a chart, and what is said of it.
CHART = "document.getElementById('chart').innerHTML.replace(/clip\\d+/g, '')"
SEEN = f"{CHART} + document.getElementById('heading').innerText + unit.innerText"
DRAWN = "Number(document.getElementById('main')?.dataset.drawn)"


def write_explorer_of(built: Path, database: Path, folder: Path) -> str:
    """Write the explorer of a database; its address."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HUB_DUCKDB_PATH", str(database))
        environment.setenv("DBT_TARGET_PATH", str(built / "target"))
        with open_warehouse("duckdb") as warehouse:
            data = read_report_data(warehouse, read_exposure())
            lists = read_code_lists(warehouse, data.method_version)
            write_explorer(read_tables(warehouse), lists, data, folder)
    return (folder / "explore.html").as_uri()


# Two listings surround no whole month: what is downloaded takes a third, which the sample of the
# tests has not. So months of its own stand in for it.
_DOWNLOADS = """
insert into ecosystem.{table} by name
with months as (
    select unnest(generate_series(date '2026-01-01', date '2026-08-01', interval 1 month)) as month
)
select
    cast(month as date) as month,
    true as is_exact,
    if(month < '2026-03-01', 'E', 'A') as observation_status,
    '2.0.0' as method_version,
    date '2026-10-03' as snapshot_date,
    1e5 * (month(month) + place) as downloads,
    0.1 * place + 0.01 * month(month) as {share},
    {bounds}
    {keys}
from months, (values {values}) as of ({keys}, place)
"""
_OF_TABLES = (
    ("downloads_by_month", "share_known_size", "kind", "('model', 1), ('dataset', 2)"),
    (
        *("downloads_by_region", "share_of_located", "region, kind"),
        "('us', 'model', 1), ('china', 'model', 2), ('unknown', 'model', 3)",
    ),
    (
        *("download_concentration", "top_10_share", "kind, unit"),
        "('model', 'repository', 1), ('model', 'publisher', 2), ('dataset', 'repository', 3)",
    ),
    (
        *("usage_by_month", "share_of_downloads", "dimension, value"),
        "('size_band', 'under_1b', 1), ('size_band', 'not-known', 2), ('relation', 'none', 3)",
    ),
)


def add_downloads(database: Path) -> None:
    """Add eight months of downloads to a copy of the sample."""
    with duckdb.connect(str(database)) as connection:
        for table, share, keys, values in _OF_TABLES:
            bounds = "share_of_located as share_low, share_of_located + 0.2 as share_high,"
            given = {"share": share, "keys": keys, "values": values}
            given["bounds"] = bounds if share == "share_of_located" else ""
            connection.execute(_DOWNLOADS.format(table=table, **given))


def opened(browser: Browser, address: str, **device: Any) -> Page:
    page = browser.open(address, **device)
    page.wait(DRAWN)
    return page


def do(page: Page, script: str) -> None:
    """Do what makes the page draw anew, and wait until it has."""
    before = page.run(DRAWN)
    page.run(script)
    page.wait(f"{DRAWN} > {before}")


def go(page: Page, table: tuple[str, str], **chosen: str) -> None:
    address = "&".join(f"{key}={value}" for key, value in chosen.items())
    view, name = table
    target = f"#view={view}&table={name}{address and '&'}{address}"
    if page.run("location.hash") != target:
        do(page, f"location.hash = {json.dumps(target)}")


def pick(page: Page, control: str, value: str) -> None:
    do(
        page,
        f"(one => {{ one.value = {json.dumps(value)}; one.dispatchEvent(new Event('change')); }})"
        f"(document.getElementById({json.dumps(control)}))",
    )
