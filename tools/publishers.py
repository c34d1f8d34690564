"""Lists the most downloaded publishers that no source places: ``python -m tools.publishers``.

They are in no row of the seed ``publishers`` and so in region unknown; the first of them move the
bounds of ``downloads_by_region`` most. CONTRIBUTING.md says what a new row of the seed needs.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from loaders.errors import LoaderError
from loaders.terminal import one_line
from reports.errors import ReportError
from reports.warehouse import TARGETS, Warehouse, open_warehouse

KINDS = {"model": "models", "dataset": "datasets"}
# Three months, so that one burst of downloads is not all that counts.
MONTHS = 3

_UNPLACED = """
with

flows as (
    select month, unit_key, downloads
    from intermediate.int_unit_downloads
    where kind = '{kind}' and unit = 'publisher'
),

newest as (
    select month
    from flows
    group by month
    order by month desc
    limit {months}
),

publishers as (
    select
        flows.unit_key as publisher,
        sum(flows.downloads) as downloads,
        sum(sum(flows.downloads)) over () as all_downloads
    from flows
    inner join newest on flows.month = newest.month
    group by flows.unit_key
)

select
    publishers.publisher,
    publishers.downloads,
    publishers.downloads / publishers.all_downloads as share
from publishers
left join intermediate.int_publishers as placed on publishers.publisher = placed.publisher
where placed.publisher is null and substr(publishers.publisher, 1, 1) <> '/'
order by publishers.downloads desc, publishers.publisher
limit {most}
"""


class PublishersError(Exception):
    """The publishers cannot be listed; the message says why and what to do."""


def unplaced(warehouse: Warehouse, kind: str, most: int) -> list[dict[str, Any]]:
    """Publisher, downloads of the newest months and share of all, the most downloaded first.

    Raises:
        PublishersError: the tables are not built, or no month has downloads yet.
        ReportError: the warehouse cannot be read.
    """
    if "int_unit_downloads" not in warehouse.tables("intermediate"):
        raise PublishersError(f"{warehouse.name} has no int_unit_downloads yet. Run 'make build'.")
    count = "select count(*) as units from intermediate.int_unit_downloads"
    if not warehouse.read(count).to_pylist()[0]["units"]:
        raise PublishersError(
            f"{warehouse.name} has no month with downloads: that takes snapshots around both ends "
            "of one. Load earlier listings with 'make history', then 'make build'."
        )
    sql = _UNPLACED.format(kind=KINDS[kind], months=MONTHS, most=most)
    return list(warehouse.read(sql).to_pylist())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns 1 where there is nothing to list from."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.publishers",
        description="List the most downloaded publishers that are not in seeds/publishers.csv, by "
        f"the newest {MONTHS} months with downloads.",
    )
    parser.add_argument(
        "--kind", choices=list(KINDS), default="model", help="(default: %(default)s)"
    )
    parser.add_argument(
        "--most", type=int, default=30, metavar="N", help="how many (default: %(default)s)"
    )
    parser.add_argument(
        "--target", choices=TARGETS, default=TARGETS[0], help="engine (default: %(default)s)"
    )
    given = parser.parse_args(arguments)
    try:
        with open_warehouse(given.target) as warehouse:
            found = unplaced(warehouse, given.kind, max(given.most, 1))
    except (LoaderError, ReportError, PublishersError) as error:
        print(f"error: {one_line(str(error))}", file=sys.stderr)
        return 1
    for place, row in enumerate(found, start=1):
        name = one_line(row["publisher"])
        print(f"{place:4} {row['share']:8.3%} {row['downloads']:16,.0f}  {name}")
    share = sum(row["share"] for row in found)
    print(f"{len(found)} publishers of region unknown, {share:.1%} of all downloads.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
