"""Candidates: the models that a question is still to be asked about."""

from datetime import date, datetime
from typing import NamedTuple

from loaders.warehouse.database import Database

# One that was never asked about, has changed since, or whose question failed some time ago.
_QUERY = """
with listed as (
    select _id, id, last_modified, downloads, likes from {models}
    where snapshot_date = %s
        and not coalesce(private, false) and not coalesce(disabled, false)
        and coalesce(downloads, 0) >= %s
        and {condition}
),
answered as (
    select _id, status, last_modified, fetched_at,
        row_number() over (partition by _id order by fetched_at desc) as recency
    from {answers}
),
waiting as (
    select listed.* from listed
    left join answered on listed._id = answered._id and answered.recency = 1
    where answered._id is null
        or listed.last_modified > answered.last_modified
        or (answered.status = 'failed' and answered.fetched_at < %s)
)
select _id, id, last_modified, count(*) over () from waiting
order by downloads desc nulls last, likes desc nulls last, _id
limit {limit:d}
"""


class Candidate(NamedTuple):
    """A listed model that a question is still to be asked about."""

    hub_id: str
    id: str
    last_modified: datetime | None


def find_candidates(
    database: Database,
    table: str,
    condition: str,
    *,
    snapshot_date: date,
    min_downloads: int,
    failed_before: datetime,
    limit: int,
) -> tuple[list[Candidate], int]:
    """Find the models that a question is still to be asked about, the most downloaded first.

    A candidate was never asked about, has changed since, or its question failed some time ago.

    Args:
        database: where the listing and the answers are.
        table: the table of the answers in ``hub_raw``.
        condition: which models the question is about, in SQL on the columns of ``models``.
        snapshot_date: the listing to choose from.
        min_downloads: models with fewer are left out.
        failed_before: a question that failed after this is not asked again.
        limit: how many models to give.

    Returns:
        The candidates, and how many there are in all.

    Raises:
        LoaderError: the database cannot be read.
    """
    with database.wrap_errors(), database.sql() as client:
        models = client.make_qualified_table_name("models")
        answers = client.make_qualified_table_name(table)
        rows = client.execute_sql(
            _QUERY.format(models=models, answers=answers, condition=condition, limit=limit),
            snapshot_date,
            min_downloads,
            failed_before,
        )
    return [Candidate(*row[:3]) for row in rows or []], rows[0][3] if rows else 0
