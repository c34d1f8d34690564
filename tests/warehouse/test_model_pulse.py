"""The published method of Model Pulse, restated, beside ours on the simulator's true counters.

Where both see the same, they must say the same: shares of the largest within a hundredth. Where
they differ, the reason is the one that docs/methodology.md gives, and works as it says there.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time

import pytest

from simulator import SyntheticHub
from tests.warehouse.flows_reference import History, Listed, Row, Snapshot, next_month
from tests.warehouse.usage_reference import concentration

FIRSTS = [date(2025, month, 1) for month in range(3, 8)]
QUIET, FALLING, RECOVERING = date(2025, 6, 1), date(2025, 4, 1), date(2025, 5, 1)
FALLEN_ON = RECOVERING  # a third of the counters are a tenth below those of the listing before


@pytest.fixture(scope="module")
def snapshots() -> list[Snapshot]:
    """Listings of the models on the first of each month, with one fall of the counters."""
    truth = SyntheticHub(models=1500, datasets=1).past().truth
    found, before = [], {}
    for day in FIRSTS:
        noon, midnight = (datetime.combine(day, time(hour), UTC) for hour in (12, 0))
        counters = truth.counters("models", midnight)
        counts = {key: int(counters.get(key, 0)) for key in truth.listed("models", noon)}
        shown = {
            key: int(before[key] * 0.9)
            if day == FALLEN_ON and key in before and int(key[-4:], 16) % 3 == 0
            else count
            for key, count in counts.items()
        }
        rows = [
            Listed(key, f"someone/{key}", created(key), count - before.get(key, 0), shown[key])
            for key, count in counts.items()
        ]
        found.append(Snapshot(day, rows, is_frozen=False))
        before = counts
    return found


def created(key: str) -> datetime:
    """The day that a key of the Hub's begins with."""
    return datetime.fromtimestamp(int(key[:8], 16), UTC).replace(tzinfo=None)


def model_pulse(snapshots: Sequence[Snapshot], month: date) -> Row:
    """Their measures of a month whose ends are listings.

    Models count from 10 downloads in 30 days or 50 in all on; a counter that falls counts 0 in the
    month; the largest are shares of the models that count.
    """
    listings = {s.day: {row.key: row for row in s.rows} for s in snapshots}
    start, end = listings[month], listings[next_month(month)]
    amounts = [
        max(0, row.downloads_all_time - (start[key].downloads_all_time if key in start else 0))
        for key, row in end.items()
        if row.downloads >= 10 or row.downloads_all_time >= 50
    ]
    ordered, total = sorted(amounts, reverse=True), math.fsum(amounts)
    tops = {"top_10_share": 10, "top_100_share": 100, "top_1000_share": 1000}
    tops["top_1_percent_share"] = math.ceil(len(amounts) / 100)
    shares = {name: math.fsum(ordered[:most]) / total for name, most in tops.items()}
    return {"active_units": len(amounts), "downloads": total, **shares}


@pytest.fixture(scope="module")
def both(snapshots: list[Snapshot]) -> Mapping[date, tuple[Row, Row]]:
    """Ours and theirs, by month."""
    history, found = History(snapshots), {}
    for month in (FALLING, RECOVERING, QUIET):
        flows = [flow[0] for flow in history.flows(month)[0].values() if flow[0]]
        found[month] = (concentration(flows, len(flows)), model_pulse(snapshots, month))
    return found


def test_in_a_quiet_month_both_methods_say_the_same(both):
    ours, theirs = both[QUIET]
    assert theirs["downloads"] == pytest.approx(ours["downloads"], rel=0.01)
    for share in ("top_10_share", "top_100_share", "top_1000_share"):
        assert ours[share] <= theirs[share] + 1e-12, share
        assert theirs[share] == pytest.approx(ours[share], abs=0.01), share


def test_a_hundredth_of_more_active_models_is_more_of_them(both):
    ours, theirs = both[QUIET]
    assert theirs["active_units"] < ours["active_units"]
    assert theirs["top_1_percent_share"] < ours["top_1_percent_share"]


def test_a_fall_that_is_made_good_is_downloads_for_them_alone(both):
    """They lose the month of the fall and count the return; we pass over both."""
    (ours, theirs), (ours_after, theirs_after) = both[FALLING], both[RECOVERING]
    assert theirs["downloads"] < 0.9 * ours["downloads"]
    assert theirs_after["downloads"] > 1.1 * ours_after["downloads"]
