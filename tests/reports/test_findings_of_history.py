"""Headings on several snapshots are as firm as these allow, and no firmer."""

from datetime import date
from typing import Any

import pytest

from reports import text
from reports.figures import findings_of_history as findings

NOW, YEAR_AGO = date(2026, 9, 1), date(2025, 9, 1)


def plain(sentence: str) -> str:
    return sentence.replace(text.NBSP, " ")


def downloads(number: float | None, day: date = NOW, **columns: Any) -> dict[str, Any]:
    known = {"month": day, "downloads": number, "active": 5000}
    return known | {"is_exact": True, "observation_status": "A"} | columns


@pytest.mark.parametrize(
    ("rows", "heading"),
    [
        (
            [downloads(1.2e9, YEAR_AGO), downloads(3.1e9)],
            "3.1 billion downloads of models in September 2026, 2.6 times as many as a year "
            "earlier",
        ),
        # The month still running has no value, and is no fall to nothing.
        (
            [downloads(3.1e9), downloads(None, date(2026, 10, 1), active=None, is_exact=None)],
            "3.1 billion downloads of models in September 2026",
        ),
        (
            [downloads(3.1e9, observation_status="E")],
            "About 3.1 billion downloads of models in September 2026",
        ),
        # Of one counter and of the other.
        (
            [downloads(1.2e9, YEAR_AGO, is_exact=False), downloads(3.1e9)],
            "3.1 billion downloads of models in September 2026",
        ),
        # Few models were downloaded then.
        (
            [downloads(12, YEAR_AGO, active=9), downloads(3.1e9)],
            "3.1 billion downloads of models in September 2026",
        ),
        (
            [downloads(0, YEAR_AGO), downloads(3.1e9)],
            "3.1 billion downloads of models in September 2026",
        ),
        ([downloads(3.1e9, active=99)], "Downloads of models, month by month"),
        ([downloads(None)], "Downloads of models, month by month"),
        ([], "Downloads of models, month by month"),
    ],
)
def test_downloads_of_months(rows, heading):
    assert plain(findings.downloads_of_months(rows, "models")) == heading


def test_a_part_of_a_listing_says_nothing_of_growth():
    rows = [downloads(1.2e9, YEAR_AGO), downloads(3.1e9)]
    assert plain(findings.downloads_of_months(rows, "datasets", is_complete=False)) == (
        "3.1 billion downloads of datasets in September 2026"
    )


def survival(day: date, lag: int, share: float, half: float | None = 0.01, **columns: Any):
    low, high = (None, None) if half is None else (share - half, share + half)
    row = {"month": day, "lag_months": lag, "survival": share, "models_at_first": 1000}
    row |= {"survival_ci_low": low, "survival_ci_high": high, "observation_status": "A"}
    return row | columns


@pytest.mark.parametrize(
    ("rows", "heading"),
    [
        (
            [survival(YEAR_AGO, 12, 0.951), survival(NOW, 1, 0.99)],
            "Of the models of September 2025, 95.1% were still there a year later (94.1 to 96.1%)",
        ),
        # A cohort is set against another one where their intervals are apart, and there alone.
        (
            [survival(date(2024, 9, 1), 12, 0.93), survival(YEAR_AGO, 12, 0.951)],
            "Of the models of September 2025, 95.1% were still there a year later (94.1 to "
            "96.1%); of those of September 2024, 93.0%",
        ),
        (
            [survival(date(2024, 9, 1), 12, 0.935), survival(YEAR_AGO, 12, 0.951)],
            "Of the models of September 2025, 95.1% were still there a year later (94.1 to 96.1%)",
        ),
        # What was watched for two years is not the news of the newest cohorts.
        (
            [survival(date(2024, 9, 1), 24, 0.8), survival(NOW, 3, 0.98)],
            "Of the models of September 2026, 98.0% were still there 3 months later (97.0 to "
            "99.0%)",
        ),
        *(
            ([survival(NOW, 1, 0.99, **thin)], "How many of a month’s models are still there")
            for thin in ({"models_at_first": 99}, {"observation_status": "U"}, {"half": None})
        ),
        ([], "How many of a month’s models are still there"),
    ],
)
def test_survival(rows, heading):
    assert plain(findings.survival(rows)) == heading


def revision(name: str, lag: int, size: float | None, **columns: Any) -> dict[str, Any]:
    row = {"figure_name": name, "lag_months": lag, "relative_mean_absolute_revision": size}
    return row | {"observation_status": "A", "is_share": False} | columns


FIRM = [
    revision("New models", 1, 0.01),
    revision("Median size", 1, 0.02),
    revision("New models", 12, 0.004),
    revision("Median size", 12, 0.031),
    revision("Median training cost", 12, 0.11),
    revision("Cost per million parameters", 12, 0.5, observation_status="U"),
    revision("Share of Audio", 12, 0.9, is_share=True),
    revision("New models", 24, 0.4),
]
NEUTRAL = "How far the headlines move after they are first published"


def test_revisions_name_the_headlines_that_move_least_and_most():
    assert plain(findings.revisions(FIRM)) == (
        "Within a year, first published figures typically moved by 0.4% (new models) to 11% "
        "(median training cost)"
    )
    assert plain(findings.trust(FIRM, 12)).endswith(
        "will typically have moved in a year by: new models 0.4%, median size 3.1%, median "
        "training cost 11%."
    )


def test_figures_that_stand_still_are_said_to():
    still = [row | {"relative_mean_absolute_revision": 0.0} for row in FIRM]
    assert findings.revisions(still) == "Within a year, no first published figure moved"


def test_few_revisions_say_that_nothing_can_be_said():
    few = [revision("New models", 1, 0.5, observation_status="U"), revision("Median size", 1, None)]
    assert findings.revisions(few) == findings.revisions([]) == NEUTRAL
    assert "cannot be said yet: no headline has 12 months" in findings.trust(few, 12)
