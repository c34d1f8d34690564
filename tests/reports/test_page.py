"""The page as a person meets it: offline, without scripts, on any device, with any senses."""

import re
from base64 import b64encode
from hashlib import sha256
from urllib.parse import unquote

from reports.figures import sections
from tests.reports.conftest import Built, Report
from tests.warehouse import builds


def attributes(html: str, name: str) -> list[str]:
    return re.findall(rf'\s{name}="([^"]*)"', html)


def figures(html: str) -> dict[str, str]:
    found = re.findall(r'<figure id="([^"]+)".*?</figure>', html, flags=re.DOTALL)
    bodies = re.findall(r'<figure id="[^"]+"(.*?)</figure>', html, flags=re.DOTALL)
    return dict(zip(found, bodies, strict=True))


def test_the_page_asks_for_nothing_outside_itself(report: Report):
    html = report.html
    # What is fetched without a click.
    fetched = attributes(html, "src") + attributes(html, "srcset") + attributes(html, "poster")
    fetched += re.findall(r'<link[^>]*href="([^"]*)"', html)
    fetched += re.findall(r'<(?:image|use)[^>]*href="([^"]*)"', html)
    fetched += re.findall(r"url\(([^)]*)\)", html)
    assert [address for address in fetched if not address.startswith(("data:,", "#"))] == []
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


def test_two_charts_never_share_an_id(report: Report):
    ids = attributes(report.html, "id")
    assert len(ids) == len(set(ids))
    used = re.findall(r"url\(#([^)]*)\)", report.html)
    assert set(used) <= set(ids)


def test_links_lead_to_what_is_there(report: Report):
    ids = attributes(report.html, "id")
    links = attributes(re.sub(r"<link[^>]*>", "", report.html), "href")
    assert len(links) > 50
    for link in links:
        if link.startswith("#"):
            assert link[1:] in ids
        else:
            assert (report.folder / unquote(link)).is_file(), link


def test_every_chart_has_words_for_who_cannot_see_it(report: Report):
    for key, figure in figures(report.html).items():
        if "<svg " in figure:
            charts = re.findall(
                r'<div class="chart (?:wide|narrow)" role="img" aria-label="(.*?)">', figure
            )
            assert len(charts) == 2, key
            assert all(len(words) > 40 for words in charts), key


def test_every_chart_has_its_table(report: Report):
    for key, figure in figures(report.html).items():
        if "<svg " in figure:
            table = figure.split("<details>")[1]
            assert table.count("<tr>") > 1, key
            assert 'tabindex="0" role="region"' in table, key


def test_every_figure_says_when_and_from_what(report: Report, edition):
    shown = figures(report.html)
    assert set(shown) == {figure.key for one in sections(edition) for figure in one.figures}
    for key, figure in shown.items():
        assert (
            "Snapshot of 15\u00a0March\u00a02025. Source: own calculations on the "
            "records in records, method" in figure
        ), key
        assert 'class="unit"' in figure, key


def test_costs_show_their_range_and_its_caveat(report: Report):
    for key in ("training_costs", "cost_per_million_parameters"):
        figure = figures(report.html)[key]
        assert "not a confidence interval" in figure
        assert "no staff, no data, no failed runs" in figure
        assert "mark-area" in figure  # the band


def test_the_running_month_is_named(report: Report):
    assert "Hollow dot: March\u00a02025" in figures(report.html)["new_models"]
    assert ">March\u00a02025, running<" in report.html


def test_suppressed_months_are_named(report: Report):
    assert "Gaps: " in figures(report.html)["model_sizes"]


def test_breaks_are_numbered_and_explained(report: Report):
    figure = figures(report.html)["model_sizes"]
    assert (
        "(1) January\u00a02024: from here on models with no known parent are told apart" in figure
    )
    assert ">1</text>" in figure


def test_every_question_of_the_page_is_answered(report: Report):
    drawn = {key for key, figure in figures(report.html).items() if "<svg " in figure}
    tables = {"most_downloaded", "most_liked", "top_publishers"}
    assert set(figures(report.html)) - drawn - tables == {"storage_and_spaces"}


def test_made_up_data_say_so_everywhere(synthetic_report: Report):
    html = synthetic_report.html
    assert "<strong>Synthetic data:</strong>" in html
    for key, figure in figures(html).items():
        assert "Synthetic data</span>" in figure, key
        for svg in re.findall(r"<svg .*?</svg>", figure, flags=re.DOTALL):
            assert "SYNTHETIC DATA</text>" in svg, key
    for chart in (synthetic_report.folder / "charts").glob("*.svg"):
        assert "SYNTHETIC DATA: made up, and not to be quoted" in chart.read_text(encoding="utf-8")
    for folder in ("extracts", "tableau"):
        files = list((synthetic_report.folder / folder).iterdir())
        assert files
        # Also where real ones had been.
        assert [file.name for file in files if not file.name.startswith("synthetic-")] == []
    assert "SYNTHETIC DATA, not to be quoted" in synthetic_report.said


def test_real_data_are_not_called_made_up(report: Report):
    assert "synthetic data" not in report.html.lower()
    assert "an invented Hub" not in report.html
    assert "SYNTHETIC" not in report.said


def test_without_the_study_the_page_says_so(synthetic_report: Report):
    figure = figures(synthetic_report.html)["text_generation_weekly"]
    assert "does not hold the study’s tables" in figure
    assert "<svg" not in figure


def test_dbt_documents_every_table_in_one_file(report: Report, built: Built):
    docs = (report.folder / "dbt.html").read_text(encoding="utf-8")
    assert '"model.hub_observatory.new_models"' in docs
    assert "exposure.hub_observatory.evolution_of_new_ai_models" in docs
    assert str(built.target.parent) not in docs  # nothing of the machine that made it
    assert str(builds.ROOT) not in docs
