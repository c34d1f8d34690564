"""A site of releases: links that lead somewhere, now and after the next release."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag
from xml.etree import ElementTree

import fsspec
import pytest

from reports import cli
from reports.errors import ReportError
from reports.hosting import publish
from reports.site import add_release
from tests.reports.conftest import Report
from tests.warehouse.builds import ROOT

ATOM = "{http://www.w3.org/2005/Atom}"
FIRST, SECOND = datetime(2025, 3, 15, 3, tzinfo=UTC), datetime(2025, 4, 1, 3, tzinfo=UTC)


class Links(HTMLParser):
    """Links of a page, and the ids in it that a link can lead to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.is_data = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.add(value or "")
            elif name in ("href", "src") and not (value or "").startswith("data:"):
                self.links.append(value or "")
        self.is_data = ("type", "application/ld+json") in attrs

    def handle_data(self, data: str) -> None:
        if self.is_data:
            document = json.loads(data)
            for part in document["hasPart"]:
                self.links += [one["contentUrl"] for one in part.get("distribution", ())]
            self.is_data = False


def links(file: Path) -> Iterator[str]:
    """Addresses that a file of a site gives, from where it lies."""
    text = file.read_text("utf-8")
    if file.suffix == ".html":
        yield from Links(text).links
    elif file.name == "feed.xml":
        yield from (one.get("href", "") for one in ElementTree.parse(file).iter(f"{ATOM}link"))
    elif file.name == "datapackage.json":
        yield from (one["path"] for one in json.loads(text)["resources"])
    elif file.name.endswith(".csv-metadata.json"):
        yield json.loads(text)["url"]


def walk(site: Path) -> int:
    """Follow every link of a site; how many there are."""
    ids = {
        file: Links(file.read_text("utf-8")).ids
        for file in site.rglob("*.html")
        if file.name != "dbt.html"
    }
    kinds = ("feed.xml", "datapackage.json", "*.csv-metadata.json")
    others = [file for kind in kinds for file in site.rglob(kind)]
    followed = 0
    for file in (*ids, *others):
        for link in links(file):
            if re.match(r"https?://", link):
                continue  # to somebody else's: nothing here knows its own address
            path, anchor = urldefrag(link)
            assert not re.match(r"[a-z]+:|/", path), f"{file}: {link} is not relative"
            target = (file.parent / unquote(path)).resolve() if path else file
            assert target.is_file(), f"{file}: {link}"
            assert target.is_relative_to(site), f"{file}: {link} leads out of the site"
            # What the explorer shows is no place on it.
            is_place = anchor and not (target.name == "explore.html" and "=" in anchor)
            assert not is_place or anchor in ids[target], f"{file}: {link}"
            followed += 1
    return followed


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def feed(site: Path) -> dict[str, dict[str, str]]:
    """Entries of the feed by title; that of the feed itself has none."""
    root = ElementTree.parse(site / "feed.xml").getroot()
    return {
        entry.findtext(f"{ATOM}title", "") if entry is not root else "": {
            part.tag.removeprefix(ATOM): part.text or "" for part in entry
        }
        for entry in (root, *root.iter(f"{ATOM}entry"))
    }


@pytest.fixture
def later(report: Report, tmp_path: Path) -> Path:
    """The report of a snapshot two weeks later, which lacks a table of the first."""
    folder = tmp_path / "later"
    shutil.copytree(report.folder, folder, ignore=shutil.ignore_patterns("dbt.html", "*.png"))
    facts = json.loads((folder / "release.json").read_text("utf-8"))
    facts |= {"snapshot_date": "2025-04-01", "title": "Hub Observatory, snapshot of 1 April 2025"}
    (folder / "release.json").write_text(json.dumps(facts), "utf-8")
    page = (folder / "index.html").read_text("utf-8")
    page = re.sub(r'<a href="(?:dbt.html|charts/\w+\.png)">[^<]*</a>', "", page)
    (folder / "index.html").write_text(page, "utf-8")
    return folder


def test_links_lead_somewhere_and_the_next_release_breaks_none(
    report: Report, later: Path, tmp_path: Path
):
    site = tmp_path / "site"
    add_release(report.folder, site, "", FIRST)
    assert walk(site) > 500
    assert "extracts/new_models.parquet" in Links(report.html).links[:100]  # schema.org's
    before = content(site / "2025-03-15")
    assert content(site / "latest") == before
    add_release(later, site, "", SECOND)
    assert walk(site) > 1000
    assert content(site / "2025-03-15") == before
    assert content(site / "latest") == content(site / "2025-04-01")
    assert 'href="../index.html"' in (site / "latest" / "quality.html").read_text("utf-8")


def test_the_same_snapshot_again_replaces_its_folder_whole_and_keeps_its_id(
    later: Path, tmp_path: Path
):
    site = tmp_path / "site"
    add_release(later, site, "", FIRST)
    first, list_before = feed(site), (site / "releases.json").read_bytes()
    add_release(later, site, "https://example.org/hub/", SECOND)
    assert (site / "releases.json").read_bytes() == list_before  # nothing new is announced
    (later / "charts" / "new_models.csv").unlink()
    add_release(later, site, "https://example.org/hub/", SECOND)
    assert not (site / "2025-04-01" / "charts" / "new_models.csv").exists()
    second = feed(site)
    title = "Hub Observatory, snapshot of 1 April 2025"
    assert second[""]["id"] == first[""]["id"]
    assert second[title]["id"] == first[title]["id"]
    assert second[title]["published"] == first[title]["published"] == "2025-03-15T03:00:00Z"
    assert second[title]["updated"] == "2025-04-01T03:00:00Z"


def test_the_feed_has_what_atom_asks_for(report: Report, later: Path, tmp_path: Path):
    site = tmp_path / "site"
    for one, now in ((later, FIRST), (report.folder, SECOND)):
        add_release(one, site, "https://example.org/hub/", now)
    root = ElementTree.parse(site / "feed.xml").getroot()
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 2
    for one in (root, *entries):
        for name in ("id", "title", "updated"):  # RFC 4287: one of each
            assert len(one.findall(f"{ATOM}{name}")) == 1
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one.findtext(f"{ATOM}updated", ""))
        assert one.findtext(f"{ATOM}id", "").startswith("urn:uuid:")
    assert len({one.findtext(f"{ATOM}id") for one in (root, *entries)}) == 3
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    assert {one.get("rel") for one in root.findall(f"{ATOM}link")} == {"self", "alternate"}
    assert root.findtext(f"{ATOM}updated") == "2025-04-01T03:00:00Z"
    # An older snapshot that came later is no newer one.
    assert (site / "latest" / "release.json").read_bytes() == (
        (site / "2025-04-01" / "release.json").read_bytes()
    )


def test_a_page_that_is_not_found_leads_back_from_any_depth(later: Path, tmp_path: Path):
    add_release(later, tmp_path / "site", "https://example.org/hub/", FIRST)
    found = Links((tmp_path / "site" / "404.html").read_text("utf-8")).links
    assert "https://example.org/hub/2025-04-01/index.html" in found
    assert all(link.startswith("https://") for link in found)
    sitemap = ElementTree.parse(tmp_path / "site" / "sitemap.xml")
    places = [one.text or "" for one in sitemap.iter() if one.tag.endswith("}loc")]
    assert len(places) > 10
    for place in places:
        assert (tmp_path / "site" / place.removeprefix("https://example.org/hub/")).is_file()


def test_made_up_data_are_marked_and_never_beside_real_ones(
    synthetic_report: Report, later: Path, tmp_path: Path
):
    site = tmp_path / "site"
    add_release(synthetic_report.folder, site, "", FIRST)
    index = (site / "index.html").read_text("utf-8")
    assert "<title>SYNTHETIC DATA: " in index
    assert "<strong>Synthetic data:</strong> made up, and not to be quoted.</aside>" in index
    assert '</a> <span class="mark">SYNTHETIC DATA</span></th>' in index
    (title,) = (title for title in feed(site) if title)
    assert title.startswith("SYNTHETIC DATA: ")
    assert feed(site)[title]["summary"].startswith("SYNTHETIC DATA: made up")
    before = content(site)
    with pytest.raises(ReportError, match="holds synthetic data, and this report is made from"):
        add_release(later, site, "", SECOND)
    assert content(site) == before


def test_a_bucket_gets_the_same_site_and_keeps_earlier_releases(
    report: Report, later: Path, tmp_path: Path
):
    fs = fsspec.filesystem("memory")
    publish(report.folder, "memory://bucket/site", "")
    fs.pipe_file("/bucket/site/latest/charts/of_an_earlier_version.svg", b"old")
    publish(later, "memory://bucket/site", "")
    fs.get("/bucket/site/", str(tmp_path / "fetched"), recursive=True)
    assert walk(tmp_path / "fetched") > 1000
    assert not (tmp_path / "fetched" / "latest" / "charts" / "of_an_earlier_version.svg").exists()
    assert (tmp_path / "fetched" / "2025-03-15" / "charts" / "new_models.png").exists()
    listed = json.loads((tmp_path / "fetched" / "releases.json").read_text("utf-8"))
    days = [one["facts"]["snapshot_date"] for one in listed["releases"]]
    assert days == ["2025-04-01", "2025-03-15"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--report", "nowhere"], "There is no nowhere/release.json"),
        (["--report", "damaged"], "release.json is damaged"),
        (["--report", "damaged", "--address", "example.org"], "none of the web"),
        (["--report", "whole", "--output", "unknown://bucket"], "cannot be read or written"),
    ],
)
def test_what_cannot_be_published_is_said_in_one_line(
    arguments: list[str],
    said: str,
    later: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.chdir(tmp_path)
    later.rename(tmp_path / "whole")
    Path("damaged").mkdir()
    Path("damaged", "release.json").write_text('{"snapshot_date": "../.."}', "utf-8")
    assert cli.main(["site", *arguments]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert said in line
    assert not Path("site").exists()


def test_the_ten_things_name_what_is_there(report: Report, tmp_path: Path):
    add_release(report.folder, tmp_path / "site", "", FIRST)
    told = (ROOT / "docs" / "ten-things.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+)\. .*\| [\d; ]+ \|$", told, re.MULTILINE)
    assert rows == [str(number) for number in range(1, 11)]
    folders = (report.folder, tmp_path / "site", ROOT)
    for name in set(re.findall(r"`([\w./-]+\.\w+(?:#\w+)?)`", told)) - {"explore.html"}:
        path, anchor = urldefrag(name)
        (found,) = [folder / path for folder in folders if (folder / path).is_file()][:1]
        assert not anchor or anchor in Links(found.read_text("utf-8")).ids, name
    page = Links(report.html)
    assert {"charts/new_models.png", "charts/new_models.svg", "charts/new_models.csv"} <= {
        *page.links
    }
