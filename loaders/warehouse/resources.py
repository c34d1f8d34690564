"""Resources that dlt loads: the pages of a crawl, decoded, and single tables."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

import dlt
import pyarrow as pa
from dlt.common.schema.typing import TSchemaContractDict
from dlt.destinations.adapters import bigquery_adapter
from dlt.extract import DltResource

from loaders.hub.fields import LISTINGS
from loaders.landing.landed_crawl import LandedCrawl
from loaders.warehouse import raw_schema
from loaders.warehouse.rejects import Reason

# A batch becomes a row group of parquet. One of a single page of a listing costs twice the time to
# write and read; larger ones than this only cost memory.
ROWS_A_BATCH = 20_000
BATCH_BYTES = 200_000_000  # of such rows as fill a page to its limit; a page of the Hub has 1 MB

# New columns and tables come in; a column that changes its type fails the load loudly, because
# the casts of dbt would hide it.
_CONTRACT: TSchemaContractDict = {"tables": "evolve", "columns": "evolve", "data_type": "freeze"}


class Decoder(Protocol):
    """Turns what was landed of a snapshot into rows, page by page.

    Attributes:
        records: rows handed out so far.
        without_created_at: of these, rows that carry no creation date.
        rejects: how many records were left out so far, by reason.
        tags_cut: how many tags of the rows were left out.
    """

    records: int
    without_created_at: int
    rejects: Counter[Reason]
    tags_cut: int

    def decode_all(
        self, bodies: Callable[[], Iterator[tuple[int, bytes]]]
    ) -> Iterator[tuple[pa.Table, pa.Table]]:
        """Turn each page into rows of the raw schema, and rows of ``rejects``, in order.

        Args:
            bodies: gives the number and the body of each page, as often as it is called.
        """


class _Decoded(NamedTuple):
    """Rows of a listing, or records of it that were left out."""

    table: str
    rows: pa.Table


def listing_resources(
    landed: LandedCrawl, decoder: Decoder, on_page: Callable[[int], None]
) -> list[DltResource]:
    """Make a resource of a listing and one of its rejects, from one reading of the pages.

    One resource may fill two tables, but gives both its hints, and BigQuery refuses to cluster
    rejects by a column that they do not have.

    Args:
        landed: the crawl.
        decoder: decodes its pages, and counts.
        on_page: called with the number of rows of each page that was decoded.
    """

    def decoded() -> Iterator[_Decoded]:
        batch: list[pa.Table] = []
        for rows, rejects in decoder.decode_all(landed.bodies):
            if rejects.num_rows:
                yield _Decoded("rejects", rejects)
            batch.append(rows)
            if (
                sum(rows.num_rows for rows in batch) >= ROWS_A_BATCH
                or sum(rows.nbytes for rows in batch) > BATCH_BYTES
            ):
                yield _Decoded(landed.kind, pa.concat_tables(batch))
                batch.clear()
            on_page(rows.num_rows)
        if batch or not decoder.records:  # else an empty file could be a load job of its own
            empty = raw_schema.TABLES[landed.kind].empty_table()
            yield _Decoded(landed.kind, pa.concat_tables([empty, *batch]))

    pages = dlt.resource(decoded(), name="pages", selected=False)
    return [pages | _part(table) for table in (landed.kind, "rejects")]


def table_resource(table: str, rows: pa.Table) -> DltResource:
    """Make a resource of rows for one table."""
    return _with_hints(
        dlt.resource([rows], name=table, write_disposition="append", schema_contract=_CONTRACT)
    )


def _part(table: str) -> DltResource:
    """Choose what goes into one table of all that is decoded."""

    def rows(decoded: _Decoded) -> pa.Table | None:
        return decoded.rows if decoded.table == table else None

    return _with_hints(
        dlt.transformer(rows, name=table, write_disposition="append", schema_contract=_CONTRACT)
    )


def _with_hints(resource: DltResource) -> DltResource:
    if resource.name in LISTINGS:
        # BigQuery alone heeds this, and only when it makes the table: a reader of one snapshot
        # pays for one, and the models of a snapshot lie in the order in which they are joined.
        bigquery_adapter(resource, partition="snapshot_date", cluster="_id")
    return resource
