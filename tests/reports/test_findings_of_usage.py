"""Headings on concentration, regions and use say no more than the data."""

from datetime import date
from typing import Any

import pytest

from reports import text
from reports.figures import findings_of_usage as findings

NOW, YEAR_AGO = date(2026, 9, 1), date(2025, 9, 1)


def plain(sentence: str) -> str:
    return sentence.replace(text.NBSP, " ")


def concentration(share: float | None, day: date = NOW, **columns: Any) -> dict[str, Any]:
    known = {"month": day, "top_10_share": share, "downloads": None if share is None else 1e6}
    return known | {"active_units": 5000, "is_exact": True, "observation_status": "A"} | columns


@pytest.mark.parametrize(
    ("rows", "heading"),
    [
        (
            [concentration(0.31, YEAR_AGO), concentration(0.22)],
            "The 10 most downloaded models had 22% of the downloads of September 2026; a year "
            "earlier, 31%",
        ),
        # Of one counter and of the other.
        (
            [concentration(0.31, YEAR_AGO, is_exact=False), concentration(0.22)],
            "The 10 most downloaded models had 22% of the downloads of September 2026",
        ),
        (
            [concentration(0.22, observation_status="E"), concentration(None, date(2026, 10, 1))],
            "The 10 most downloaded models had about 22% of the downloads of September 2026",
        ),
        # Ten of 999 are many.
        (
            [concentration(0.22, active_units=999)],
            "How much of the downloads the most downloaded models have",
        ),
        (
            [concentration(None, downloads=0.0, active_units=0)],
            "How much of the downloads the most downloaded models have",
        ),
        ([], "How much of the downloads the most downloaded models have"),
    ],
)
def test_concentration(rows, heading):
    assert plain(findings.concentration(rows)) == heading


def test_units_are_set_side_by_side_where_each_is_known():
    shares = [[concentration(share)] for share in (0.5, 0.4, 0.3)]
    assert plain(findings.units(*shares)) == (
        "Ten publishers had 50% of the downloads of September 2026, ten families of models 40%, "
        "ten models 30%"
    )
    shares[1] = [concentration(0.4, active_units=30)]
    assert plain(findings.units(*shares)) == "The same for publishers and families of models"
    assert findings.units([], [], []) == "The same for publishers and families of models"


def regions(publishers: int = 200, **bounds: tuple[float, float]) -> list[dict[str, Any]]:
    return [
        {
            **{"month": NOW, "region": region, "share_low": low, "share_high": high},
            **{"publishers": publishers},
        }
        for region, (low, high) in bounds.items()
    ]


def test_no_region_is_first_whose_bounds_overlap_anothers():
    rows = regions(us=(0.3, 0.6), china=(0.2, 0.5), distributed=(0.1, 0.1), unknown=(0.2, 0.2))
    assert plain(findings.regions(rows)) == (
        "30% of the downloads of September 2026 are of publishers that no source places in one "
        "region"
    )
    # Bounds that touch do not tell the two apart, either.
    rows = regions(us=(0.5, 0.7), china=(0.3, 0.5), unknown=(0.2, 0.2))
    assert "no source places" in findings.regions(rows)


def test_a_region_is_first_whatever_the_rest_is():
    rows = regions(us=(0.6, 0.7), china=(0.3, 0.4), unknown=(0.1, 0.1))
    assert plain(findings.regions(rows)) == (
        "Publishers in the United States had between 60% and 70% of the downloads of September "
        "2026, more than any other region"
    )


@pytest.mark.parametrize("rows", [[], regions(publishers=10, us=(0.6, 0.7), china=(0.3, 0.4))])
def test_regions_of_few_publishers_say_nothing(rows):
    assert findings.regions(rows) == "Downloads by the region of publishers, between two bounds"


def use(value: str, share: float, *, is_newest: bool = True, **columns: Any) -> dict[str, Any]:
    known = {"month": NOW if is_newest else YEAR_AGO, "value": value, "models": 600.0}
    known |= {"share_of_downloads": share, "is_newest_month": is_newest, "is_exact": True}
    return known | columns


@pytest.mark.parametrize(
    ("dimension", "names", "rows", "heading"),
    [
        (
            *("size_band", findings.SIZES, [use("under_1b", 0.6), use("1b_to_4b", 0.4)]),
            "Models of under 1 billion parameters have 60% of the downloads of September 2026",
        ),
        # That most is not known is no finding on sizes; nor is a tie one.
        (
            *("size_band", findings.SIZES, [use("under_1b", 0.4), use("not-known", 0.6)]),
            "Downloads of models by thing",
        ),
        (
            *("size_band", findings.SIZES, [use("under_1b", 0.5), use("1b_to_4b", 0.5)]),
            "Downloads of models by thing",
        ),
        (
            *("year_created", {}, [use("2025", 0.6), use("before-2022-03", 0.4)]),
            "Models created in 2025 have 60% of the downloads of September 2026",
        ),
        (
            *("licence_class", findings.LICENCES, [use("none", 0.6), use("permissive", 0.4)]),
            "Models that name no licence have 60% of the downloads of September 2026",
        ),
        (
            *("licence_class", findings.LICENCES, [use("responsible_use", 0.6)]),
            "Models under a licence that is one with restrictions of use have 60% of the "
            "downloads of September 2026",
        ),
        (
            *("relation", findings.RELATIONS),
            [use("none", 0.6), use("quantized", 0.4), use("merge", 0.2, is_newest=False)],
            "Models built on another model have 40% of the downloads of September 2026; a year "
            "earlier, 20%",
        ),
        (
            *("relation", findings.RELATIONS),
            [use("merge", 0.4), use("merge", 0.2, is_newest=False, is_exact=False)],
            "Models built on another model have 40% of the downloads of September 2026",
        ),
        (
            *("relation", findings.RELATIONS, [use("merge", 0.4, models=3.0)]),
            "Downloads of models by thing",
        ),
        ("relation", findings.RELATIONS, [], "Downloads of models by thing"),
    ],
)
def test_use(dimension, names, rows, heading):
    assert plain(findings.use(rows, dimension, "thing", names)) == heading
