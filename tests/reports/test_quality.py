"""The quality report: each heading of the metadata structure, numbers of the tables, no claim."""

import re
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import duckdb
import pytest
import yaml

from reports.quality import bibtex, releases, value, write_quality
from reports.report_data import ReportData
from tests.reports.conftest import HOSTILE, Built, Report
from tests.warehouse import builds

# Of the Euro-SDMX Metadata Structure, version 2.0; the last is free.
_HEADINGS = (
    *("Contact", "Metadata update", "Statistical presentation", "Unit of measure"),
    *("Reference period", "Institutional mandate", "Confidentiality", "Release policy"),
    *("Frequency of dissemination", "Accessibility and clarity", "Quality management"),
    *("Relevance", "Accuracy", "Timeliness and punctuality", "Coherence and comparability"),
    *("Cost and burden", "Data revision", "Statistical processing", "How to cite"),
)


@pytest.fixture(scope="module")
def html(report: Report) -> str:
    return (report.folder / "quality.html").read_text(encoding="utf-8")


def test_every_heading_of_the_structure_is_there_in_order(html: str):
    found = re.findall(r"<h2[^>]*>(\d+)\. (.*?)</h2>", html)
    assert found == [(str(number), name) for number, name in enumerate(_HEADINGS, start=1)]


def test_its_numbers_are_those_of_the_tables(html: str, built: Built, data: ReportData):
    with duckdb.connect(str(built.database), read_only=True) as connection:
        coverage, removed, named = connection.execute(
            """
            select
                (
                    select coverage from marts.average_model_parameters
                    where is_headline and is_complete_month order by month desc limit 1
                ),
                (
                    select sum(removed_models) / sum(new_models) from marts.new_models
                    where population = 'all' and is_complete_month
                ),
                (
                    select any_value(datasets_declared) / any_value(datasets_total)
                    from marts.dataset_share_by_language
                )
            """
        ).fetchone()
    rows = {row["indicator"]: row for row in data.rows("quality_indicators")}
    assert rows["coverage_of_sizes"]["value"] == pytest.approx(coverage)
    assert rows["share_removed"]["value"] == pytest.approx(removed)
    assert rows["share_with_language"]["value"] == pytest.approx(named)
    assert len(rows) == 20
    for row in rows.values():
        cells = f'<th scope="row">{row["indicator_name"]}</th><td class="number">{value(row)}</td>'
        assert cells in html, row["indicator"]


def test_what_cannot_be_said_is_a_dash_and_no_zero():
    assert value({"value": None, "unit": "fraction"}) == "–"
    assert value({"value": 0.0, "unit": "days"}) == "0 days"


def test_its_links_lead_somewhere(html: str, report: Report):
    links = re.findall(r'href="(?!https://|data:)([^"#]*)(?:#([^"]*))?"', html)
    assert len(links) >= 6
    for file, anchor in links:
        target = (report.folder / file).read_text(encoding="utf-8")
        assert not anchor or f'id="{anchor}"' in target, (file, anchor)
    assert 'href="quality.html"' in report.html


def test_made_up_data_are_marked_and_have_no_entry_to_cite(
    synthetic_report: Report, html: str, data: ReportData
):
    marked = (synthetic_report.folder / "quality.html").read_text(encoding="utf-8")
    assert "<title>SYNTHETIC DATA: " in marked
    assert 'class="banner"' in marked
    assert "@misc" not in marked
    assert "SYNTHETIC" not in html
    assert "a part of a listing" in bibtex(replace(data, is_complete=False))


def test_the_entry_to_cite_is_that_of_the_citation_file(html: str, data: ReportData):
    entry = re.search(r"<pre[^>]*><code>(.*?)</code></pre>", html, re.DOTALL)
    assert unescape(entry[1]) == bibtex(data)
    cited = yaml.safe_load((builds.ROOT / "CITATION.cff").read_text("utf-8"))
    fields = dict(re.findall(r"^  (\w+) += \{(.*)\},$", bibtex(data), re.MULTILINE))
    assert fields["title"] == f"{{{cited['title']}}}"
    assert fields["author"] == f"{{{cited['authors'][0]['name']}}}"
    assert fields["version"] == data.method_version
    assert bibtex(data).startswith("@misc{hub_observatory_2025_03_15,\n")
    assert bibtex(data).count("{") == bibtex(data).count("}")


def test_the_calendar_is_that_of_the_schedule():
    workflow = (builds.ROOT / ".github/workflows/monthly.yml").read_text("utf-8")
    days = [int(day) for day in re.findall(r'cron: "0 3 (\d+) \* \*"', workflow)]
    first, second, *_ = releases(date(2026, 12, 15))
    assert [day.day for day in first.values()] == days
    assert first["listing"] == date(2027, 1, 1)
    assert second["listing"] == date(2027, 2, 1)
    assert releases(date(2026, 1, 31))[0]["listing"] == date(2026, 2, 1)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_contact_is_text(name: str, data: ReportData, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("HUB_CONTACT", name)
    write_quality(tmp_path / "quality.html", data)
    said = (tmp_path / "quality.html").read_text(encoding="utf-8")
    assert not re.search(r"<(script|img|b)\b", said)
    assert "None is given" not in said


def test_who_gives_no_contact_is_told_so(html: str):
    assert "sets <code>HUB_CONTACT</code>" in html
