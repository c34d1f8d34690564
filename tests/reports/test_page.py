"""The page as a person meets it: offline, without scripts, on any device, with any senses."""

import re
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import date
from hashlib import sha256
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from reports import documents, html, page
from reports.credit import LICENCE_URL
from reports.figures import sections
from reports.figures.text_generation import section
from reports.report_data import ReportData
from tests.reports.conftest import Built, Report
from tests.warehouse import builds

# Files of which the name is given: what is within says whether it is made up.
CATALOGUE = {"datapackage.json", "README.md", "LICENSE.md"}

OF_COSTS = (
    "training_costs",
    "cost_per_million_parameters",
    "compute_price_index",
    "revisions_of_headlines",
)


def attributes(html: str, name: str) -> list[str]:
    return re.findall(rf'\s{name}="([^"]*)"', html)


def figures(html: str) -> dict[str, str]:
    found = re.findall(r'<figure id="([^"]+)".*?</figure>', html, flags=re.DOTALL)
    bodies = re.findall(r'<figure id="[^"]+"(.*?)</figure>', html, flags=re.DOTALL)
    return dict(zip(found, bodies, strict=True))


def pictures(html: str) -> list[str]:
    """The charts within a part of the page, as SVG: for a phone first, then for a page."""
    found = re.findall(r'"data:image/svg\+xml;base64,([^"]*)"', html)
    return [b64decode(picture).decode() for picture in found]


def test_the_page_asks_for_nothing_outside_itself(report: Report):
    html = report.html
    # What is fetched without a click.
    fetched = attributes(html, "src") + attributes(html, "srcset") + attributes(html, "poster")
    fetched += re.findall(r'<link[^>]*href="([^"]*)"', html)
    fetched += re.findall(r'<(?:image|use)[^>]*href="([^"]*)"', html)
    fetched += re.findall(r"url\(([^)]*)\)", html)
    own = ("data:,", "data:image/svg+xml;base64,", "#")
    assert [address for address in fetched if not address.startswith(own)] == []
    for picture in pictures(html):
        assert not re.search(r'(?:href|src)="(?!#)|url\((?!#)|<script|<image|@import', picture)
    assert "@import" not in html


def test_the_page_works_with_scripts_off_and_allows_none(report: Report):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', report.html).group(1)
    (style,) = re.findall(r"<style>(.*?)</style>", report.html, flags=re.DOTALL)
    style_hash = b64encode(sha256(style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    # Of a style in an attribute the policy would make nothing.
    assert attributes(report.html, "style") == []


def test_no_id_is_given_twice(report: Report):
    ids = attributes(report.html, "id")
    assert len(ids) == len(set(ids))
    for picture in pictures(report.html):
        within = attributes(picture, "id")
        assert len(within) == len(set(within))
        assert set(re.findall(r"url\(#([^)]*)\)", picture)) <= set(within)


def test_links_lead_to_what_is_there(report: Report):
    ids = attributes(report.html, "id")
    links = attributes(re.sub(r"<link[^>]*>", "", report.html), "href")
    assert len(links) > 50
    for link in links:
        if link.startswith("#"):
            assert link[1:] in ids
        elif link != LICENCE_URL:
            assert (report.folder / unquote(link)).is_file(), link


def test_every_chart_has_words_for_who_cannot_see_it(report: Report):
    for key, figure in figures(report.html).items():
        if "<picture " in figure:
            assert len(pictures(figure)) == 2, key
            (words,) = attributes(figure, "alt")
            assert len(words) > 40, key


def test_every_chart_has_its_table(report: Report):
    for key, figure in figures(report.html).items():
        if "<picture " in figure:
            table = figure.split("<details>")[1]
            assert table.count("<tr>") > 1, key
            assert 'tabindex="0" role="region"' in table, key


def test_every_figure_says_when_and_from_what(report: Report, data):
    shown = figures(report.html)
    assert set(shown) == {figure.key for one in sections(data) for figure in one.figures}
    for key, figure in shown.items():
        assert (
            "Snapshot of 15\u00a0March\u00a02025. Source: own calculations on the "
            "public listing of https://hub.example, method" in figure
        ), key
        assert 'class="unit"' in figure, key


def test_costs_show_their_range_and_its_caveat(report: Report):
    for key in ("training_costs", "cost_per_million_parameters"):
        figure = figures(report.html)[key]
        assert "not a confidence interval" in figure
        assert "no staff, no data, no failed runs" in figure
        assert all("mark-area" in picture for picture in pictures(figure))  # the band


def test_the_running_month_is_named(report: Report):
    assert "Hollow dot: March\u00a02025" in figures(report.html)["new_models"]
    assert ">March\u00a02025, running<" in report.html


def test_suppressed_months_are_named(report: Report):
    assert "Gaps: " in figures(report.html)["model_sizes"]


def test_breaks_are_numbered_and_explained(report: Report):
    figure = figures(report.html)["model_sizes"]
    assert (
        "(1) January\u00a02024: from here on models with no declared or detected parent are told"
        in figure
    )
    assert all(">1</text>" in picture for picture in pictures(figure))


def test_every_question_of_the_page_is_answered(report: Report):
    drawn = {key for key, figure in figures(report.html).items() if "<picture " in figure}
    tables = {"most_downloaded", "most_liked", "top_publishers", "most_built_on"}
    # It takes several snapshots to say how models are downloaded, stay and are revised.
    history = {"survival_of_cohorts", "downloads_of_models", "downloads_of_datasets"}
    history |= {"download_concentration", "concentration_by_unit", "downloads_by_region"}
    history |= {f"use_by_{name}" for name in ("size_band", "year_created", "relation")}
    history |= {"use_by_licence_class", "revisions_of_headlines"}
    assert set(figures(report.html)) - drawn - tables == {"storage_and_spaces", *history}


@pytest.mark.parametrize(("asked", "asks_on"), [(100, True), (6_973, False)])
def test_models_that_gave_no_storage_are_not_promised_to_be_asked(
    data: ReportData, asked: int, asks_on: bool
):
    (details,) = data.rows("text_generation_details")
    assert (details["models_asked"], details["models_answered"]) == (0, 0)
    details = details | {"models": 6_973, "models_asked": asked}
    changed = replace(data, tables=data.tables | {"text_generation_details": [details]})
    figure = next(f for f in section(changed).figures if f.key == "storage_and_spaces")
    told = f"asked about {asked:,} of 6,973 models, and the Hub gave both for 0: too few to draw."
    assert told in figure.missing
    assert ("asks on" in figure.missing) == asks_on


def test_made_up_data_say_so_everywhere(synthetic_report: Report):
    html = synthetic_report.html
    assert "<strong>Synthetic data:</strong>" in html
    for key, figure in figures(html).items():
        assert "Synthetic data</span>" in figure, key
        for svg in pictures(figure):
            assert "SYNTHETIC DATA</text>" in svg, key
    for chart in (synthetic_report.folder / "charts").glob("*.svg"):
        assert "SYNTHETIC DATA: made up, and not to be quoted" in chart.read_text(encoding="utf-8")
    for folder in ("extracts", "tableau"):
        files = list((synthetic_report.folder / folder).iterdir())
        assert files
        # Also where real ones had been.
        unmarked = {file.name for file in files if not file.name.startswith("synthetic-")}
        assert unmarked == (CATALOGUE if folder == "extracts" else set())
    assert "SYNTHETIC DATA: made up, and not to be quoted" in synthetic_report.said


def test_real_data_are_not_called_made_up(report: Report):
    assert "synthetic data" not in report.html.lower()
    assert "an invented Hub" not in report.html
    assert "SYNTHETIC" not in report.said


def test_licence_citation_and_credit_stand_under_every_figure(report: Report):
    for key, figure in figures(report.html).items():
        assert "Licence: CC BY 4.0." in figure, key
        assert "Cite as: Hub Observatory, snapshot of 15\u00a0March\u00a02025, method" in figure, (
            key
        )
        rests_on_epoch = key in (*OF_COSTS, "most_built_on", "downloads_by_region")
        assert ("Epoch AI" in figure) == rests_on_epoch, key
    for chart in (report.folder / "charts").glob("*.svg"):
        words = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", chart.read_text("utf-8")))
        assert "Licence: CC BY 4.0." in words, chart
        assert "methodology.html" in words, chart
        assert ("Epoch AI" in words) == (chart.stem in OF_COSTS)


def test_the_methodology_lies_beside_the_page_and_asks_for_nothing(report: Report):
    html = (report.folder / "methodology.html").read_text(encoding="utf-8")
    assert '<h2 id="3-derived-models">3. Derived models</h2>' in html
    assert "<table>" in html
    ids = attributes(html, "id")
    for link in attributes(re.sub(r"<link[^>]*>", "", html), "href"):
        if link.startswith("#"):
            assert link[1:] in ids
        elif not link.startswith("https://"):
            assert (report.folder / link.partition("#")[0]).is_file(), link
    assert "<script" not in html


def test_the_summary_names_whom_it_counts(report: Report):
    glance = re.search(r'<dl class="glance">(.*?)</dl>', report.html, flags=re.DOTALL).group(1)
    remarks = dict(re.findall(r"<dt>(.*?)</dt>.*?<dd>((?:(?!<strong).)*?)</dd>", glance))
    assert "all models" in remarks["New models"]
    for title in ("Median size", "Median training cost", "Cost per million parameters"):
        assert "models with no declared or detected parent" in remarks[title], title


@pytest.mark.parametrize("name", ["index.html", "quality.html", *documents.DOCUMENTS])
def test_percentages_and_apostrophes_are_set_in_one_way(report: Report, name: str):
    shown = (report.folder / name).read_text(encoding="utf-8")
    for tag in ("script", "style", "code", "pre", "bdi"):  # programs, and what strangers wrote
        shown = re.sub(rf"<{tag}\b.*?</{tag}>", "", shown, flags=re.DOTALL)
    shown = unescape(re.sub(r"<[^>]*>", " ", shown))
    assert len(shown) > 400
    for wrong in (r"\w'\w", r"\d\s%", r"\b2 times (?:as|the)"):
        assert re.findall(rf".{{20}}{wrong}.{{20}}", shown) == []


def test_a_phone_is_told_how_many_tasks_its_heat_map_leaves_out(report: Report):
    figure = figures(report.html)["languages_and_tasks"]
    assert '<p class="unit narrow">Shown here: 5 of 8 tasks' in figure


def test_a_table_without_rows_is_an_honest_empty_box(synthetic_report: Report):
    for key in ("text_generation_weekly", "text_generation_share", "downloads_by_creation"):
        figure = figures(synthetic_report.html)[key]
        assert "There is nothing to draw: no row has a figure." in figure
        assert "<picture" not in figure


def test_limits_are_those_of_the_build_and_not_retyped(data: ReportData, tmp_path: Path):
    changed = replace(
        data,
        limits=replace(
            data.limits,
            min_values=123,
            min_coverage=0.57,
            min_publishers=345,
            max_interval_ratio=67,
            min_parameters_for_cost=8_000_000,
            relation_reliable_from=date(2019, 5, 1),
            censored_until=date(2018, 7, 2),
            few_languages=91,
            shown_models=92,
            shown_publishers=93,
            shown_languages=94,
            shown_tasks=95,
        ),
    )
    # A median of low reliability and one that is suppressed, of which the notes say why.
    rows = [row | {"is_low_reliability": True} for row in data.rows("average_model_parameters")]
    changed = replace(changed, tables=data.tables | {"average_model_parameters": rows})
    drawn = [
        (section, [page.DrawnFigure(figure, None, None) for figure in section.figures])
        for section in sections(changed)
    ]
    said = page.page(drawn, changed, [], [], has_docs=False).replace("\u00a0", " ")
    for words in (
        "fewer than 123 models or on less than 57% of",
        "would rest on fewer than 123 models, or on less than 57% of the month’s models",
        "fewer than 345 publishers",
        "wider than a factor of 67",
        "at least 8 million parameters",
        "Before May 2019 too few owners",
        "from before July 2018",
        "Datasets of 91 languages or fewer",
        "The 92 models with most likes",
        "The 93 publishers whose models",
        "the 94 languages and the 95 tasks",
    ):
        assert words in said, words


def test_dbt_documents_every_table_in_one_file(report: Report, built: Built):
    docs = (report.folder / "dbt.html").read_text(encoding="utf-8")
    assert '"model.hub_observatory.new_models"' in docs
    assert "exposure.hub_observatory.evolution_of_new_ai_models" in docs
    assert str(built.target.parent) not in docs  # nothing of the machine that made it
    assert str(builds.ROOT) not in docs


def test_what_a_report_reads_is_in_the_image_of_the_monthly_run():
    ignored = (documents.ROOT / ".dockerignore").read_text()
    kept = [line[1:] for line in ignored.split() if line[0] == "!"]
    templates = html.TEMPLATES.relative_to(documents.ROOT).as_posix()
    for within in (templates, *(source for source, _ in documents.DOCUMENTS.values())):
        assert any(within == one or within.startswith(f"{one}/") for one in kept), within
