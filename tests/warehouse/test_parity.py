"""Two builds that differ must never be taken for equal."""

from datetime import UTC, date, datetime

import pytest

from tests.warehouse.parity import build_differences, differences

ROW = {"key": "a", "n": 1, "share": 0.1, "day": date(2026, 1, 1)}


@pytest.mark.parametrize(
    "other",
    [
        ROW | {"n": 2},
        ROW | {"n": 1.0},
        ROW | {"n": True},
        ROW | {"key": None},
        ROW | {"share": 0.1 * (1 + 2e-9)},
        ROW | {"share": None},
        ROW | {"day": datetime(2026, 1, 1, tzinfo=UTC)},
        ROW | {"more": 1},
        dict(reversed(ROW.items())),
    ],
)
def test_a_row_that_differs_is_told(other):
    assert len(differences([ROW, ROW | {"key": "b"}], [other, ROW | {"key": "b"}])) >= 1


def test_rows_that_are_missing_doubled_or_too_many_are_told():
    assert differences([ROW], []) == ["1 rows, not 0"]
    assert differences([], [ROW]) == ["0 rows, not 1"]
    assert differences([ROW], [ROW, ROW]) == ["key=a, n=1, day=2026-01-01: 1 rows, not 2"]


def test_order_last_digits_and_the_way_to_write_utc_make_no_difference():
    rows = [{"share": share, "at": datetime(2026, 1, 1)} for share in (0.1, 0.3, None)]
    others = [
        {"share": share, "at": datetime(2026, 1, 1, tzinfo=UTC)} for share in (None, 0.1 + 0.2, 0.1)
    ]
    assert differences(rows, others) == []
    assert differences([], []) == []


def test_differences_of_a_build_name_their_relation():
    found = build_differences(
        {"marts.a": [ROW], "marts.b": [ROW]}, {"marts.a": [ROW], "marts.b": []}
    )
    assert found == ["marts.b: 1 rows, not 0"]
