"""The sample's past, read by the real code and held against what was true of the sample."""

from datetime import UTC, date, datetime, time, timedelta

from simulator import SAMPLE_DATE, SyntheticHub
from simulator.synthetic import past
from tests.loaders.conftest import query

SAMPLE = SyntheticHub(models=1500, datasets=400)
SIZE = ("--sample-models", SAMPLE.models, "--sample-datasets", SAMPLE.datasets)
# A month whose first file is frozen, one that begins late, and the last.
MONTHS = ((date(2025, 8, 1), date(2025, 8, 31)), (date(2026, 2, 1), date(2026, 2, 28)))


def at(day: date, of: time) -> datetime:
    return datetime.combine(day, of, UTC)


def test_each_snapshot_of_the_sample_holds_who_was_there_once_with_its_true_counters(run, data):
    archive = ("--from", f"hf://datasets/{past.NAME}")
    for since, until in (*MONTHS, (past.LAST_DAY, past.LAST_DAY)):
        options = ("--since", since, "--until", until)
        code, said = run("history", "--hub", "sample", *archive, *options, *SIZE)
        assert code == 0, said
    code, said = run("load", "--hub", "sample", *SIZE)
    assert code == 0, said
    truth = SAMPLE.past().truth
    listed_at = {
        past.AFTER_FROZEN: time(12),
        past.LATE[date(2026, 2, 1)]: time(12),
        past.LAST_DAY: time(12),
        SAMPLE_DATE: time(23, 59, 59),
    }
    for kind in ("models", "datasets"):
        snapshots = query(
            data,
            f"select snapshot_date, records, licence, source from hub_raw.snapshots "
            f"where kind = '{kind}' order by snapshot_date",
        )
        assert [row[0] for row in snapshots] == list(listed_at)
        assert [row[2] for row in snapshots] == ["odbl"] * 3 + [None]
        assert len({row[3] for row in snapshots}) == 1  # one series
        for day, records, *_ in snapshots:
            rows = query(
                data,
                f"select _id, downloads_all_time from hub_raw.{kind} "
                f"where snapshot_date = date '{day}'",
            )
            shown = dict(rows)
            assert len(rows) == len(shown) == records
            assert shown.keys() == truth.listed(kind, at(day, listed_at[day]))
            counted = at(day + timedelta(day == SAMPLE_DATE), time(0))
            true = truth.counters(kind, counted)
            assert shown == {hub_id: true.get(hub_id, 0) for hub_id in shown}
