"""A site of releases for any static host: ``latest/``, and a folder for each snapshot, which stays.

Every link within it is relative, so it can lie at any address. The feed's and the sitemap's are
whole where the address is known, as their formats want it.
"""

import json
import re
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

from reports import html, release
from reports.errors import ReportError
from reports.publish import replaced

FEED = "feed.xml"
RELEASES = "releases.json"
LATEST = "latest"

_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
# Where a page of a report has room for the way back to the site.
_MARK = "<!-- releases -->"
_WAY_BACK = '<li><a href="../index.html">All releases</a></li>'
_HIDDEN = "."
# What strangers chose can hold what no XML may.
_NOT_OF_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Release:
    """One snapshot of a site.

    Attributes:
        facts: release.json of its report.
        id: in the feed, and never another.
        published, updated: instants in UTC, as Atom writes them.
        digest: of its files, by which a report is known that was added before.
        pages: files that people read, by their names.
    """

    facts: dict[str, Any]
    id: str
    published: str
    updated: str
    digest: str
    pages: list[str]

    @property
    def day(self) -> str:
        """The day of the snapshot, which names the folder."""
        day = self.facts["snapshot_date"]
        assert isinstance(day, str)
        return day


def add_release(report: Path, site: Path, address: str, now: datetime) -> list[str]:
    """Add a report to a site, in place of an earlier one of the same snapshot.

    Each folder is written beside its place and renamed; the lists that lead to it come last. So a
    reader never meets a link to what is not there yet.

    Args:
        address: of the site, with a slash at its end; empty where it is not known.

    Returns:
        The names of the folders that it is in: that of its day, and the newest also in ``latest``.

    Raises:
        ReportError: there is no report, or the site holds another kind of data.
    """
    facts = _facts(report)
    id_, known = _read(site)
    _refuse_to_mix(facts, known.values(), site)
    id_ = id_ or uuid.uuid5(uuid.NAMESPACE_URL, address or f"hub-observatory:{facts['listed']}").urn
    day, digest = facts["snapshot_date"], _digest(report)
    stamp = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    before = known.get(day)
    known[day] = Release(
        facts=facts,
        id=before.id if before else uuid.uuid5(uuid.UUID(id_), day).urn,
        published=before.published if before else stamp,
        updated=before.updated if before and before.digest == digest else stamp,
        digest=digest,
        pages=sorted(path.name for path in report.glob("*.html")),
    )
    folders = [day, LATEST] if day == max(known) else [day]
    for folder in folders:
        with replaced(site / folder) as unfinished:
            _copy(report, unfinished)
    _write_lists([known[day] for day in sorted(known, reverse=True)], site, address, id_)
    return folders


def _read(site: Path) -> tuple[str, dict[str, Release]]:
    """The id of a site's feed, empty where there is none yet, and its releases by day."""
    try:
        kept = json.loads((site / RELEASES).read_text("utf-8"))
    except FileNotFoundError:
        return "", {}
    return kept["id"], {one["facts"]["snapshot_date"]: Release(**one) for one in kept["releases"]}


def _facts(report: Path) -> dict[str, Any]:
    path = report / release.NAME
    try:
        facts = json.loads(path.read_text("utf-8"))
        date.fromisoformat(facts["snapshot_date"])
    except FileNotFoundError as error:
        raise ReportError(
            f"There is no {path}, by which a site knows a report. 'make report' writes it; "
            "--report names another folder."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ReportError(f"{path} is damaged: 'make report' writes it anew.") from error
    assert isinstance(facts, dict)
    return facts


def _refuse_to_mix(facts: dict[str, Any], others: Iterable[Release], site: Path) -> None:
    kinds = {True: "synthetic", False: "real"}
    for other in others:
        if other.facts["is_synthetic"] != facts["is_synthetic"]:
            raise ReportError(
                f"The site {site} holds {kinds[other.facts['is_synthetic']]} data, and this "
                f"report is made from {kinds[facts['is_synthetic']]} ones: name another site with "
                "--output (SITE=… of make)."
            )


def _digest(report: Path) -> str:
    """A digest of all files of a report with their names."""
    found = sha256()
    for path in _files(report):
        found.update(f"{path.relative_to(report).as_posix()}\0".encode())
        found.update(sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _files(report: Path) -> list[Path]:
    return sorted(
        path for path in report.rglob("*") if path.is_file() and not path.name.startswith(_HIDDEN)
    )


def _copy(report: Path, folder: Path) -> None:
    for path in _files(report):
        target = folder / path.relative_to(report)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.parent == report and path.suffix == ".html":
            page = path.read_text("utf-8").replace(_MARK, _WAY_BACK, 1)
            target.write_text(page, encoding="utf-8")
        else:
            shutil.copyfile(path, target)


def _write(path: Path, text: str) -> None:
    """Write a file that takes the place of the one before it at once."""
    beside = path.with_name(f".{path.name}.unfinished")
    beside.write_text(f"{text.rstrip()}\n", encoding="utf-8")
    beside.replace(path)


def _write_lists(known: list[Release], site: Path, address: str, id_: str) -> None:
    """Write what leads to the releases, the newest first."""
    listed = {"id": id_, "releases": [vars(one) for one in known]}
    _write(site / RELEASES, json.dumps(listed, indent=2, ensure_ascii=False))
    _write(site / FEED, _feed(known, address, id_))
    lists = {"index.html": ""}
    if address:
        # It is shown in place of a page at any depth, from where a relative link leads nowhere.
        lists["404.html"] = address
        _write(site / "sitemap.xml", _sitemap(known, address))
    for name, base in lists.items():
        page = html.render(
            "site.html.j2", releases=known, base=base, feed=FEED, latest=LATEST, is_404=bool(base)
        )
        _write(site / name, page)


def _feed(known: list[Release], address: str, id_: str) -> str:
    """An Atom feed (RFC 4287) with an entry for each release."""
    feed = ElementTree.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _add(feed, "id", id_)
    _add(feed, "title", "Hub Observatory: releases")
    _add(feed, "updated", max(one.updated for one in known))
    _add(ElementTree.SubElement(feed, "author"), "name", "Hub Observatory")
    _link(feed, "self", "application/atom+xml", urljoin(address, FEED))
    _link(feed, "alternate", "text/html", urljoin(address, "index.html"))
    _add(feed, "rights", f"{known[0].facts['licence']}, {known[0].facts['licence_url']}")
    for one in known:
        entry = ElementTree.SubElement(feed, "entry")
        _add(entry, "id", one.id)
        _add(entry, "title", one.facts["title"])
        _add(entry, "published", one.published)
        _add(entry, "updated", one.updated)
        _link(entry, "alternate", "text/html", urljoin(address, f"{one.day}/index.html"))
        _add(entry, "summary", _summary(one.facts))
    ElementTree.indent(feed)
    body = ElementTree.tostring(feed, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}'


def _summary(facts: dict[str, Any]) -> str:
    mark = f"{facts['mark']['label']}: {facts['mark']['warning']}. " if facts["mark"] else ""
    month = f"{facts['newest_month']}: " if facts["newest_month"] else ""
    said = "; ".join(f"{one['title']}: {one['value']}" for one in facts["headlines"])
    return f"{mark}Made from {facts['listed']}. {month}{said}. {facts['citation']}"


def _sitemap(known: list[Release], address: str) -> str:
    urls = ElementTree.Element("urlset", {"xmlns": _SITEMAP})
    pages = [("index.html", known[0].updated)]
    pages += [(f"{LATEST}/{page}", known[0].updated) for page in known[0].pages]
    pages += [(f"{one.day}/{page}", one.updated) for one in known for page in one.pages]
    for path, updated in pages:
        url = ElementTree.SubElement(urls, "url")
        _add(url, "loc", urljoin(address, path))
        _add(url, "lastmod", updated)
    ElementTree.indent(urls)
    body = ElementTree.tostring(urls, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}'


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _NOT_OF_XML.sub("", text)


def _link(parent: ElementTree.Element, rel: str, type_: str, href: str) -> None:
    ElementTree.SubElement(parent, "link", {"rel": rel, "type": type_, "href": href})
