"""A part of a listing is marked wherever synthetic data are."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet
import pytest

from reports import cli, page
from reports.dictionary import TableText, read_dictionary
from reports.extracts import write_extracts
from reports.figures import headlines, sections
from reports.report_data import ReportData
from reports.tableau import write_data_sources
from reports.warehouse import open_warehouse
from tests.reports.conftest import Built
from tests.reports.test_page import figures, pictures

TABLE = TableText("marts", "new_models", "", {})


@pytest.fixture
def part(data: ReportData) -> ReportData:
    """The records that the report rests on, had they been a part."""
    return replace(
        data,
        crawled_from="/home/someone/records of May",
        is_complete=False,
        obtained_from="an archive",
        licence="CC0 <b>",
    )


def test_a_part_says_so_on_the_page_and_in_pictures(part: ReportData, tmp_path: Path):
    section, drawn = next(page.draw_figures(part))
    assert page.write_charts(drawn, part, [TABLE], tmp_path) == 2
    html = page.page([(section, drawn)], part, [], [], has_docs=False)
    assert "<title>PART OF A LISTING: " in html
    assert "<strong>Part of a listing:</strong> not the whole Hub." in html
    assert " at a glance, in these records</h2>" in html
    assert (
        "the records of records of May, a part of a Hub (obtained from: an archive; licence of the "
        "records: CC0 &lt;b&gt;)" in html
    )
    assert "/home/someone" not in html
    for key, figure in figures(html).items():
        assert "<bdi>In these records: " in figure, key
        assert "Part of a listing</span>" in figure, key
        assert "a part of a listing, method" in figure, key
        for picture in pictures(figure):
            assert "PART OF A LISTING</text>" in picture, key
    for chart in tmp_path.glob("*.svg"):
        svg = chart.read_text(encoding="utf-8")
        assert "PART OF A LISTING: not the whole Hub" in svg
        assert ">In these records: " in svg
        assert "PART OF A LISTING</text>" in svg


def test_a_part_says_so_in_extracts_and_in_tableau(
    part: ReportData, built: Built, tmp_path: Path, monkeypatch
):
    built.point_to(monkeypatch)
    tables = [table for table in read_dictionary() if table.name == TABLE.name]
    with open_warehouse("duckdb") as warehouse:
        extracts = write_extracts(warehouse, tables, tmp_path / "extracts", part)
    sources = write_data_sources(extracts, tmp_path / "tableau", part)
    names = [
        path.name for folder in ("extracts", "tableau") for path in (tmp_path / folder).iterdir()
    ]
    assert len(names) >= 6
    assert [name for name in names if not name.startswith("partial-")] == []
    schema = pyarrow.parquet.read_schema(tmp_path / "extracts" / "partial-new_models.parquet")
    beside = (tmp_path / "extracts" / "partial-new_models.csv-metadata.json").read_text("utf-8")
    for coverage in (schema.metadata[b"coverage"].decode(), json.loads(beside)["dcterms:coverage"]):
        assert coverage.startswith("PART OF A LISTING")
    (live,) = [path for path in sources if path.suffix == ".tds"]
    assert 'caption="PART OF A LISTING: New models"' in live.read_text(encoding="utf-8")


def test_a_part_says_so_on_the_terminal(part: ReportData, capsys, tmp_path: Path):
    cli._print_summary(part, tmp_path, charts=1, extracts=1)
    said = capsys.readouterr().out
    assert said.lstrip().startswith("PART OF A LISTING: not the whole Hub")


def test_a_summary_suppresses_what_the_charts_suppress(data: ReportData):
    task = data.rows("new_models_by_intended_use")[0] | {"is_complete_month": True, "task": "qa"}
    language = data.rows("dataset_languages", "-share_fractional")[0]
    cell = data.rows("largest_languages_and_tasks")[0]
    thin = {
        "new_models_by_intended_use": [task | {"new_models": 99}],
        "dataset_languages": [language | {"datasets_declared": 99}],
        "largest_languages_and_tasks": [cell | {"datasets": 99}],
    }
    said = headlines(replace(data, tables=data.tables | thin))
    values = {title: (value, remark) for title, value, remark in said}
    for title in ("Most frequent task", "Main language of datasets", "Main language and task"):
        value, remark = values[title]
        assert value == "–", title
        assert remark.startswith("suppressed: fewer than 100"), title


def test_a_part_claims_no_growth_and_no_whole(part: ReportData):
    whole = replace(part, is_complete=True)
    said = {
        data.is_complete: {
            figure.key: (page.heading(figure, data), figure.sample)
            for section in sections(data)
            for figure in section.figures
        }
        for data in (part, whole)
    }
    compared = "a year earlier|in the half year before ChatGPT"
    growing = {key for key, (heading, _) in said[True].items() if re.search(compared, heading)}
    assert "cumulative_models" in growing
    for heading, sample in said[False].values():
        assert not re.search(compared, heading), heading
        assert not re.search("All public|All listed|All [0-9,]+ listed", sample), sample
    assert said[False]["new_models"][1].startswith("All models in these records")
    # The price of a computation depends on no record.
    assert said[False]["compute_price_index"] == said[True]["compute_price_index"]
    for _, _, remark in headlines(part):
        assert "a year earlier" not in remark
