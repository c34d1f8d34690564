"""Names of repositories, whatever they are: each is shown, and does nothing else."""

import csv
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as xml

import pyarrow.parquet
import pytest

from reports.text import plain
from tests.reports.conftest import HOSTILE, Report


class _Page(HTMLParser):
    """The elements, attributes and words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        # A block of data is no script: no browser runs it.
        is_data = ("type", "application/ld+json") in attributes
        self.elements.add("data" if is_data else tag)
        self.attributes += [(name, value or "") for name, value in attributes]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def page(report: Report) -> _Page:
    return _Page(report.html)


def test_no_name_becomes_an_element_of_the_page(page: _Page):
    assert not page.elements & {"script", "iframe", "object", "embed", "form", "base"}
    # Images are ours: what a stranger wrote can be in their words, and in no address.
    images = [value for name, value in page.attributes if name in ("src", "srcset")]
    assert images
    assert all(re.fullmatch(r"data:image/svg\+xml;base64,[A-Za-z0-9+/=]+", one) for one in images)


def test_no_name_becomes_an_event_or_an_address(page: _Page):
    assert [name for name, _ in page.attributes if name.startswith("on")] == []
    addresses = [value for name, value in page.attributes if name in ("href", "src", "xlink:href")]
    assert addresses
    assert [
        address for address in addresses if re.match(r"\s*(javascript|data:text)", address)
    ] == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_shown_as_it_is_written(page: _Page, name: str):
    assert plain(name) in page.words  # as publisher


def test_no_name_is_run_as_a_template(report: Report):
    assert "{{ 7 * 7 }}" in report.html
    assert "49{% raw %}" not in report.html


def test_names_cannot_turn_the_text_around_them(report: Report):
    assert "gpj.exe" in report.html
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", report.html)


def test_names_cannot_speak_to_the_terminal(report: Report):
    assert "Newest complete month: February" in report.said
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", report.said)


def test_charts_with_names_are_well_formed(report: Report):
    charts = sorted((report.folder / "charts").glob("*.svg"))
    assert charts
    words = ""
    for chart in charts:
        tree = xml.fromstring(chart.read_bytes())
        assert {element.tag for element in tree.iter()}.isdisjoint(
            {"{http://www.w3.org/2000/svg}script", "{http://www.w3.org/2000/svg}image"}
        )
        words += "".join(tree.itertext())
    assert "<script>alert(1)</script>" in words


def test_a_spreadsheet_runs_no_name_as_a_formula(report: Report):
    cells = [
        cell
        for path in (report.folder / "extracts").glob("*.csv")
        for row in csv.reader(path.open(encoding="utf-8", newline=""))
        for cell in row
    ]
    formulas = [cell for cell in cells if cell[:1] in tuple("=+-@\t\r\n") and not _is_number(cell)]
    assert formulas == []
    assert [cell for cell in cells if cell.startswith("'=hyperlink") or cell.startswith("'=HYPER")]


def test_parquet_keeps_names_as_they_are(report: Report):
    table = pyarrow.parquet.read_table(
        report.folder / "extracts" / "new_models_by_intended_use.parquet"
    )
    assert set(HOSTILE) <= set(table.column("task").to_pylist())


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
