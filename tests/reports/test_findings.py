"""Headings say what the data say, and nothing where the data say nothing."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from reports import text
from reports.figures import findings

NBSP = text.NBSP
NOW, YEAR_AGO = date(2026, 9, 1), date(2025, 9, 1)


def plain(sentence: str) -> str:
    return sentence.replace(NBSP, " ")


def month(day: date = NOW, *, complete: bool = True, **columns: Any) -> dict[str, Any]:
    named = {"month": day, "is_complete_month": complete, "population": "no_known_parent"}
    named |= {"share_repeated_size": None, "is_low_reliability": False}
    return named | columns


def new_models(now: int, before: int | None, *, complete: bool = True) -> dict[str, Any]:
    change = now / before - 1 if before and complete else None
    return month(
        complete=complete,
        new_models=now,
        new_models_year_before=before,
        year_over_year_change=change,
        top_publisher="someone",
        top_publisher_share=0.2,
    )


@pytest.mark.parametrize(
    ("rows", "heading"),
    [
        (
            [new_models(1044, 1447)],
            "1,044 new models in September 2026, 28% fewer than a year earlier",
        ),
        (
            [new_models(300, 125)],
            "300 new models in September 2026, 2.4 times as many as a year earlier",
        ),
        (
            [new_models(101, 100)],
            "101 new models in September 2026, about as many as a year earlier",
        ),
        ([new_models(4, 1000)], "4 new models in September 2026"),
        ([new_models(1044, None)], "1,044 new models in September 2026"),
        ([new_models(522, 1044, complete=False)], "New models, month by month"),
        ([], "New models, month by month"),
    ],
)
def test_new_models(rows, heading):
    assert plain(findings.new_models(rows)) == heading


def test_a_burst_of_one_publisher_is_told_in_the_heading():
    row = new_models(1044, 1447) | {"top_publisher": "TestRepos", "top_publisher_share": 0.23}
    assert plain(findings.new_models([row])) == (
        "1,044 new models in September 2026, 28% fewer than a year earlier; 23% by TestRepos alone"
    )
    assert "TestRepos" not in findings.new_models([row | {"new_models": 20}])


def test_the_running_month_is_never_the_news():
    september = new_models(1044, 1447)
    october = new_models(522, 1475, complete=False) | {"month": date(2026, 10, 1)}
    assert findings.new_models([september, october]) == findings.new_models([september])


def size(median: float | None, day: date = NOW, population: str = "no_known_parent"):
    return month(day, median_parameters=median, population=population)


@pytest.mark.parametrize(
    ("rows", "heading"),
    [
        (
            [size(2.0e9, YEAR_AGO), size(5.6e9)],
            "The median new model with no declared or detected parent had 5.6 billion parameters "
            "in September 2026, 2.8 times as many as a year earlier",
        ),
        (
            [size(2.0e9, YEAR_AGO), size(2.1e9)],
            "The median new model with no declared or detected parent had 2.1 billion parameters "
            "in September 2026, about as many as a year earlier",
        ),
        # Another population is another thing.
        (
            [size(1e9, YEAR_AGO, "all"), size(5e8)],
            "The median new model with no declared or detected parent had 0.5 billion parameters "
            "in September 2026",
        ),
        (
            [size(None, YEAR_AGO), size(5e8)],
            "The median new model with no declared or detected parent had 0.5 billion parameters "
            "in September 2026",
        ),
        ([size(2.0e9, YEAR_AGO), size(None)], "How large new models are"),
        ([], "How large new models are"),
    ],
)
def test_model_sizes(rows, heading):
    assert plain(findings.model_sizes(rows)) == heading


def test_a_median_is_not_quoted_without_its_copies_and_its_reliability():
    shaky = {"share_repeated_size": 0.66, "is_low_reliability": True}
    rows = [size(2.0e9, YEAR_AGO), size(5.6e9) | shaky]
    assert plain(findings.model_sizes(rows)) == (
        "The median new model with no declared or detected parent had 5.6 billion parameters in "
        "September 2026; 66% repeat an earlier model’s exact size; of low reliability"
    )
    everything = [size(5.6e9, population="all") | shaky]
    assert "exact size" not in findings.model_sizes(everything)


@pytest.mark.parametrize(
    ("costs", "heading"),
    [
        (
            (44_211, 197_000, 2_310_000),
            "The median cost of training a new model with no declared or detected parent was about "
            "$200,000 in September 2026; scenarios run from $44,000 to $2.3 million",
        ),
        ((None, None, None), "What new models cost to train"),
    ],
)
def test_training_costs(costs, heading):
    levels = zip(("low", "central", "high"), costs, strict=True)
    row = month(**{f"median_cost_usd_{level}": cost for level, cost in levels})
    assert plain(findings.training_costs([row])) == heading


@pytest.mark.parametrize(
    ("median", "heading"),
    [
        (
            36.8,
            "A million parameters of a new model with no declared or detected parent cost about "
            "$37 to train in September 2026",
        ),
        (None, "What training a million parameters costs"),
    ],
)
def test_cost_per_million(median, heading):
    rows = [
        month(day, median_cost_per_million_usd_central=median, constant_recipe_usd_central=constant)
        for day, constant in ((date(2022, 3, 1), 1.2), (NOW, 0.276))
    ]
    assert plain(findings.cost_per_million(rows)) == heading
    # Prices are known whatever the models are.
    index = "In September 2026 the same computation costs 77% less than in March 2022"
    assert plain(findings.price_index(rows)) == index


def test_a_heading_says_which_models_it_is_about():
    rows = [size(5.6e9, population="all")]
    assert plain(findings.model_sizes(rows)).startswith("The median new model of all had 5.6")


def test_the_largest_intended_use_leads():
    rows = [
        month(category=category, category_name=category, new_models=models, share_of_declared=share)
        for category, models, share in (
            ("nlp", 580, 0.58),
            ("cv", 420, 0.42),
            ("not-declared", 5000, None),
        )
    ]
    heading = "nlp makes up 58% of the new models that name a task in September 2026"
    assert plain(findings.intended_use(rows)) == heading
    thin = [row | {"new_models": 3} for row in rows]
    assert findings.intended_use(thin) == "What new models are meant for"


def language(name: str, share: float, declared: int = 878) -> dict[str, Any]:
    return {"language_name": name, "share_fractional": share, "datasets_declared": declared}


@pytest.mark.parametrize(
    ("rows", "heading"),
    [
        (
            [language("English", 0.7175), language("Chinese", 0.0495)],
            "English: 72% of the datasets that name a language. Chinese follows with 5.0%",
        ),
        ([language("English", 1)], "English: 100% of the datasets that name a language"),
        ([language("English", 0.9, declared=20)], "The languages of datasets"),
        ([], "The languages of datasets"),
    ],
)
def test_languages(rows, heading):
    assert plain(findings.languages(rows)) == heading


def weeks(before: int, now: int, count: int = 26) -> list[dict[str, Any]]:
    start = date(2022, 5, 30)
    return [
        {
            "week": start + timedelta(weeks=number),
            "new_models": before if number < count else now,
            "all_models": 100,
            "is_after_chatgpt": number >= count,
            "is_complete_week": True,
        }
        for number in range(2 * count)
    ]


@pytest.mark.parametrize(
    ("rows", "heading"),
    [
        (
            weeks(10, 54),
            "Text-generation models in the last half year: 5.4 times as many as in the half year "
            "before ChatGPT",
        ),
        (weeks(10, 54, count=20), "New text-generation models, week by week"),
        (weeks(0, 54), "New text-generation models, week by week"),
        ([], "New text-generation models, week by week"),
    ],
)
def test_text_generation_pace(rows, heading):
    assert plain(findings.text_generation_pace(rows)) == heading


@pytest.mark.parametrize(
    ("finding", "rows"),
    [
        (findings.new_models, [new_models(1044, 1447)]),
        (
            findings.cumulative_models,
            [month(YEAR_AGO, cumulative_models=1000), month(cumulative_models=3000)],
        ),
        (findings.model_sizes, [size(2.0e9, YEAR_AGO), size(5.6e9)]),
        (findings.text_generation_pace, weeks(10, 54)),
        (findings.text_generation_share, weeks(10, 54)),
    ],
)
def test_a_part_of_a_listing_is_not_compared_with_an_earlier_time(finding, rows):
    compared = "a year earlier|before ChatGPT"
    assert re.search(compared, finding(rows))
    assert not re.search(compared, finding(rows, is_complete=False))


def test_the_share_of_text_generation_stands_beside_its_number():
    assert plain(findings.text_generation_share(weeks(10, 54))) == (
        "54% of all new models in the last half year name text generation as their task; 10% did "
        "in the half year before ChatGPT"
    )
    neutral = "Text-generation models among all new models, week by week"
    assert findings.text_generation_share(weeks(10, 54, count=20)) == neutral


def test_the_only_models_of_publishers_are_told_without_the_largest():
    rows = [
        {
            "class_order": 1,
            "publishers": 720,
            "share_of_publishers": 0.72,
            "share_of_downloads": 0.38,
            "share_without_largest": 0.05,
        },
        {"class_order": 2, "publishers": 280},
    ]
    assert plain(findings.publishers(rows)) == (
        "72% of publishers have a single model; these have 38% of the downloads, and without the "
        "most downloaded one 5.0%"
    )


def test_popularity_says_that_its_classes_are_made_by_downloads():
    rows = [
        {"models": 930, "share": 0.93, "share_of_downloads": 0.01},
        {"models": 70, "share": 0.07, "share_of_downloads": 0.99},
    ]
    heading = (
        "The most downloaded class has 7.0% of text-generation models and, by construction, 99% "
        "of the downloads"
    )
    assert plain(findings.popularity(rows)) == heading
    unused = [row | {"share_of_downloads": None} for row in rows]
    assert findings.popularity(unused) == "Text-generation models by popularity"


@pytest.mark.parametrize(
    ("finding", "neutral"),
    [
        (lambda: findings.cumulative_models([]), "All models ever put on the Hub"),
        (lambda: findings.tasks([]), "The tasks of new models"),
        (lambda: findings.languages_and_tasks([]), "Datasets by language and task"),
        (
            lambda: findings.text_generation_total([]),
            "All text-generation models ever put on the Hub",
        ),
        (lambda: findings.downloads([]), "Downloads of text-generation models by date of creation"),
        (
            lambda: findings.storage([]),
            "Storage of text-generation models and the Spaces that use them",
        ),
        (lambda: findings.most([], "likes", "liked", "likes"), "The models that are liked most"),
        (lambda: findings.publishers([]), "Who publishes: small and large"),
        (
            lambda: findings.top_publishers([]),
            "The publishers whose models are downloaded most",
        ),
        (lambda: findings.size_classes([]), "Models by size"),
        (lambda: findings.licences([]), "The licences of models"),
        (lambda: findings.dataset_property([], "format"), "Datasets by format"),
    ],
)
def test_without_data_a_heading_is_neutral(finding, neutral):
    assert finding() == neutral
