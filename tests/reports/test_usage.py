"""Figures on concentration, regions and use: estimates are dashed, bounds are two."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from reports import page
from reports.charts import NARROW, WIDE
from reports.figures import Figure, sections
from reports.report_data import ReportData

REGIONS = ("us", "china", "eu", "other_europe", "other", "distributed", "unknown")
USES = {
    "size_band": ("not-known", "under_1b", "100b_and_more"),
    "year_created": ("2025", "2026", "before-2022-03"),
    "relation": ("none", "quantized"),
    "licence_class": ("none", "permissive", "responsible_use"),
}


def _concentration(month: int, status: str, unit: str) -> dict[str, Any]:
    value = None if status == "O" else 0.1 * month
    shares = ("top_10_share", "top_100_share", "top_1000_share", "top_1_percent_share", "hhi")
    row = dict.fromkeys(shares, value) | {"effective_number": value and 1 / value}
    row |= {"gini_active": value, "gini_all": value, "downloads": value and 1e6}
    row |= {"units": value and 9000, "active_units": value and 5000, "is_exact": True}
    return row | {
        **{"month": date(2024, month, 1), "kind": "model", "unit": unit},
        "observation_status": status,
    }


def _region(region: str, place: int) -> dict[str, Any]:
    low = 0.05 * (place + 1)
    return {
        **{"month": date(2024, 6, 1), "kind": "model", "region": region, "publishers": 90},
        **{"downloads": 1e5, "share_low": low, "share_high": low + 0.3, "share_of_located": low},
        **{"new_repositories": 7, "is_exact": True, "observation_status": "E"},
    }


HISTORY: dict[str, list[dict[str, Any]]] = {
    "download_concentration": [
        _concentration(month, status, unit)
        for unit in ("repository", "publisher", "family")
        for month, status in ((1, "E"), (2, "E"), (3, "O"), (4, "A"), (5, "A"))
    ],
    "downloads_by_region": [_region(region, place) for place, region in enumerate(REGIONS)],
    "use_of_models": [
        {
            **{"month": date(2024, 6, 1), "dimension": dimension, "value": value},
            **{"models": 500.0, "downloads": 1e5, "share_of_models": 1 / len(values)},
            **{"share_of_downloads": 1 / len(values), "is_newest_month": True},
            **{"is_exact": True, "observation_status": "E"},
        }
        for dimension, values in USES.items()
        for value in values
    ],
}
# Classes of size that no model is in.
EMPTY = ("1 to 4 billion", "4 to 10 billion", "10 to 35 billion", "35 to 100 billion")
LICENCES = [
    *("Permissive", "Copyleft", "With restrictions of use", "Non-commercial", "Other"),
    "None named",
]
KEYS = (
    *("download_concentration", "concentration_by_unit", "downloads_by_region"),
    *(f"use_by_{dimension}" for dimension in USES),
)


@pytest.fixture
def history(data: ReportData) -> ReportData:
    """The report's data, had its Hub been listed for months."""
    return replace(data, tables=data.tables | HISTORY)


def figure(data: ReportData, key: str) -> Figure:
    return next(one for section in sections(data) for one in section.figures if one.key == key)


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("key", KEYS)
def test_a_chart_of_use_is_valid_vega_lite_with_words(history: ReportData, key: str, width: int):
    shown = figure(history, key)
    assert shown.chart(width).to_dict()
    assert len(page.description(shown, history)) > 40
    assert [[column.cell(row) for column in shown.table.columns] for row in shown.table.rows]


@pytest.mark.parametrize("key", KEYS)
def test_a_single_snapshot_shows_no_use_and_says_what_gives_it_one(data: ReportData, key: str):
    assert "“make history”" in figure(data, key).missing


def test_an_estimated_month_of_concentration_is_dashed(history: ReportData):
    shown = figure(history, "download_concentration")
    dashes = {
        layer["mark"].get("strokeDash") is not None
        for layer in shown.chart(WIDE).to_dict()["layer"]
        if layer["mark"]["type"] == "line"
    }
    assert dashes == {True, False}
    assert shown.unit.endswith("; dashed where it is an estimate")
    values = [shown.table.columns[1].cell(row) for row in shown.table.rows]
    assert values == ["exact", "exact", "estimate", "estimate"]


def test_a_region_has_two_bounds_and_the_unknown_is_no_bar(history: ReportData):
    shown = figure(history, "downloads_by_region")
    bars = json.dumps(shown.chart(NARROW).to_dict())
    assert all(name in bars for name in ("At least", "At most"))
    assert not any(name in bars for name in ("Worldwide", "Not known"))
    regions = [shown.table.columns[0].cell(row) for row in shown.table.rows]
    assert regions[-2:] == ["Worldwide", "Not known"]
    assert "in June 2024, an estimate," in shown.unit.replace("\u00a0", " ")


def test_kinds_of_models_are_in_an_order_that_can_be_read(history: ReportData):
    for key, order in (
        ("use_by_size_band", ["Under 1 billion", *EMPTY, "100 billion and more", "Size not known"]),
        ("use_by_year_created", ["Before March 2022", "2025", "2026"]),
        (
            "use_by_licence_class",
            [
                "Permissive",
                "Copyleft",
                "With restrictions of use",
                "Non-commercial",
                "Other",
                "None named",
            ],
        ),
    ):
        shown = figure(history, key)
        assert [shown.table.columns[0].cell(row) for row in shown.table.rows] == order
