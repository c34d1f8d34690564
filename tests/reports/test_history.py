"""Figures of several snapshots: estimates and gaps are seen to be some, archives are named."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reports import credit, metadata, page
from reports.charts import NARROW, WIDE
from reports.dictionary import read_dictionary
from reports.figures import Figure, sections
from reports.report_data import ReportData
from tests.reports.conftest import Built

ODBL = "hf://datasets/somebody/listings"


def _downloads(month: int, downloads: float | None, status: str, *, kind: str = "model"):
    is_exact = None if downloads is None else month > 3
    counts = None if downloads is None else 500
    row = {"month": date(2024, month, 1), "kind": kind, "downloads": downloads}
    row |= {"is_exact": is_exact, "observation_status": status, "active": counts}
    row |= {"listed": counts, "unknown_repositories": counts and 1, "clipped_downloads": None}
    row |= {"downloads_from_30_day_count": downloads, "weighted_median_parameters": None}
    return row | {"share_known_size": None}


HISTORY: dict[str, list[dict[str, Any]]] = {
    "downloads_by_month": [
        _downloads(1, 100.0, "E"),
        _downloads(2, 110.0, "E"),
        _downloads(3, None, "O"),
        _downloads(4, 120.0, "A"),
        _downloads(5, 130.0, "A"),
        _downloads(6, 140.0, "E"),
        _downloads(7, None, "O"),
    ],
    "survival_of_cohorts": [
        {
            "month": date(2024, month, 1),
            "lag_months": lag,
            "observed_on": date(2024, month + lag + 1, 1),
            "models_at_first": 1000,
            "survival": 1 - lag / 50,
            "survival_ci_low": 0.9 - lag / 50,
            "survival_ci_high": 1.0,
            "observation_status": "A" if month < 4 else "U",
        }
        for month in (1, 2, 4)
        for lag in (1, 3)
    ],
    "revisions_of_headlines": [
        {
            "figure": name,
            "figure_name": name,
            "figure_order": order,
            "is_share": False,
            "lag_months": lag,
            "revisions": 15 - lag,
            "relative_mean_absolute_revision": order * lag / 100,
            "relative_mean_revision": -order * lag / 100,
            "observation_status": "A" if lag < 6 else "U",
        }
        for order, name in enumerate(("New models", "Median size"), start=1)
        for lag in (1, 3, 6)
    ],
    "earlier_listings": [
        {
            "kind": kind,
            "obtained_from": ODBL,
            "licence": "odbl",
            "first_snapshot_date": date(2024, 7, day),
            "last_snapshot_date": date(2025, 2, day),
        }
        for kind, day in (("models", 1), ("datasets", 3))
    ],
}


@pytest.fixture
def history(data: ReportData) -> ReportData:
    """The report's data, had its Hub been listed for more than a year."""
    limits = replace(data.limits, max_days_interpolated=678, min_revisions=567)
    return replace(data, tables=data.tables | HISTORY, limits=limits)


def figure(data: ReportData, key: str) -> Figure:
    return next(one for section in sections(data) for one in section.figures if one.key == key)


KEYS = ("survival_of_cohorts", "downloads_of_models", "revisions_of_headlines")


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("key", KEYS)
def test_a_chart_of_history_is_valid_vega_lite_with_words(
    history: ReportData, key: str, width: int
):
    shown = figure(history, key)
    assert shown.chart(width).to_dict()
    assert len(page.description(shown, history)) > 40
    assert shown.table.rows


@pytest.mark.parametrize("key", [*KEYS, "downloads_of_datasets"])
def test_a_single_snapshot_has_no_history_and_says_what_gives_it_one(data: ReportData, key: str):
    missing = figure(data, key).missing
    assert "“make history”" in missing
    assert ("“make vintages”" in missing) == (key == "revisions_of_headlines")


def test_a_month_without_downloads_is_a_gap_and_an_estimate_is_dashed(history: ReportData):
    shown = figure(history, "downloads_of_models")
    lines = [
        (layer["mark"].get("strokeDash"), [row["value"] for row in layer["data"]["values"]])
        for layer in shown.chart(WIDE).to_dict()["layer"]
        if layer["mark"]["type"] == "line"
    ]
    assert lines == [
        ([4, 3], [100, 110, None]),
        (None, [None, 120, 130]),
        ([4, 3], [130, 140, None]),
    ]
    said = " ".join([shown.unit, *shown.notes]).replace("\u00a0", " ")
    assert "dashed where it is an estimate" in said
    assert "(1) April 2024: from here on the all-time counter is known" in said
    assert (
        "Dashed: 3 months are estimates, 2 from the 30-day count and 1 from snapshots more "
        "than 678 days apart" in said
    )
    assert "Gaps: 1 month has no snapshot near an end" in said
    assert "In June 2024 1 model of unknown downloads, which no snapshot near an end" in said
    # The table has no row of nothing, and tells the two kinds of estimate apart.
    bases = [shown.table.columns[2].cell(row) for row in shown.table.rows]
    assert bases == [
        "estimate: interpolated",
        *("exact", "exact"),
        *("estimate: 30-day count", "estimate: 30-day count"),
    ]


def test_what_cannot_be_relied_on_has_no_colour(history: ReportData):
    for key, grey in (("survival_of_cohorts", 2), ("revisions_of_headlines", 2)):
        shown = figure(history, key)
        cells = shown.chart(NARROW).to_dict()["data"]["values"]
        assert [cell["ground"] for cell in cells].count("#EEEEEE") == grey, key
        assert any(note.startswith("Grey: ") for note in shown.notes), key


def test_the_page_says_how_far_to_trust_the_newest_month(history: ReportData):
    said = figure(history, "revisions_of_headlines").sample.replace("\u00a0", " ")
    assert said.endswith("in 3 months by: new models 3.0%, median size 6.0%.")
    assert "Grey: fewer than 567 months" in " ".join(
        figure(history, "revisions_of_headlines").notes
    )


def test_who_kept_earlier_listings_is_named_beside_what_rests_on_them(
    history: ReportData, data: ReportData, built: Built, tmp_path: Path, monkeypatch
):
    built.point_to(monkeypatch)
    tables = {table.name: table for table in read_dictionary()}
    kept = (
        f"earlier listings (1 July 2024 to 3 February 2025) from {ODBL}, which is made available "
        "under the licence odbl"
    )
    (said,) = credit.earlier_listings(history)
    assert said.replace("\u00a0", " ") == kept
    drawn = [
        (section, [page.DrawnFigure(one, None, None) for one in section.figures])
        for section in sections(history)
        if section.key in ("growth", "cost", "dataset-languages")
    ]
    html = page.page(drawn, history, [], [], has_docs=False)
    # Beside the price of a computation, and the newest list, it would be untrue.
    terms = {
        one.figure.key: credit.terms(history, page.credits(one.figure, history, [*tables.values()]))
        for _, made in drawn
        for one in made
    }
    named = {key for key, said in terms.items() if ODBL in said}
    assert {"new_models", "training_costs"} <= named
    assert not named & {"compute_price_index", "languages", "languages_and_tasks"}
    # But for a newest listing that was itself kept by others.
    newest = replace(history, datasets_date=HISTORY["earlier_listings"][1]["last_snapshot_date"])
    languages = figure(newest, "languages")
    assert ODBL in " ".join(page.credits(languages, newest, [*tables.values()]))
    assert html.count(ODBL) == 2  # how to quote, and at the end
    facts = metadata.facts(tables["new_models"], history)
    assert f"{ODBL}, which is made available under the licence odbl" in facts["rights"]
    assert ODBL in facts["bibliographicCitation"]
    assert ODBL not in json.dumps(metadata.facts(tables["new_models"], data))


def test_the_folder_of_an_archive_is_named_and_not_its_whereabouts(history: ReportData):
    row = HISTORY["earlier_listings"][0]
    row = row | {"obtained_from": "/home/someone/listings", "licence": None}
    told = replace(history, tables=history.tables | {"earlier_listings": [row]})
    (said,) = credit.earlier_listings(told)
    assert said.endswith("from listings, which names no licence")
